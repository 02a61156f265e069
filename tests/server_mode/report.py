"""The soak's outcome as JSON and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.server_mode.faults import Outcome
from tests.server_mode.records import Records, Sample, errors


@dataclass(frozen=True, slots=True)
class Row:
    """What a fault did, the worst of all times that it happened.

    Attributes:
        name: of the fault.
        times: how often it happened.
        search, page, model: seconds from the fault until the last of what failed; None where it is not there.
        documents: seconds until a document written at its first moment was found; None if one never was.
        asked, failed: requests of people from this fault to the next.
    """

    name: str
    times: int
    search: float | None
    page: float | None
    model: float | None
    documents: float | None
    asked: int
    failed: int


def rows(outcomes: Sequence[Outcome], records: Records, kinds: Sequence[str]) -> list[Row]:
    """Return a row for each kind of fault, in the order in which they came first."""
    found = []
    for name in dict.fromkeys(one.name for one in outcomes):
        mine = [one for one in outcomes if one.name == name]
        requests = [one for outcome in mine for one in records.samples if _meets(one, outcome)]
        documents = [one.document_seconds for one in mine]
        known = [one for one in documents if one is not None]
        back = {kind: max(_back(one, records.probes, kind) for one in mine) for kind in kinds}
        found.append(
            Row(
                name,
                len(mine),
                back.get("search"),
                back.get("page"),
                back.get("model"),
                max(known) if len(known) == len(documents) else None,
                len(requests),
                sum(bool(one.error) for one in requests),
            )
        )
    return found


def _meets(sample: Sample, outcome: Outcome) -> bool:
    """Whether the request was under way at some moment between this fault and the next."""
    return sample.end > outcome.begin and sample.begin < outcome.over


def _back(outcome: Outcome, probes: Sequence[Sample], kind: str) -> float:
    """Return the seconds from the fault to the end of the last probe that failed; 0 where none did."""
    failed = [one.end for one in probes if one.kind == kind and one.error and _meets(one, outcome)]
    return max(failed, default=outcome.begin) - outcome.begin


def as_json(
    table: Sequence[Row], outcomes: Sequence[Outcome], records: Records, more: dict[str, Any]
) -> dict[str, Any]:
    """Return everything that was measured."""
    failed = [one for one in records.samples if one.error]
    calm = [one for one in records.samples if not any(_meets(one, outcome) for outcome in outcomes)]
    seconds = sorted(one.end - one.begin for one in records.samples if one.kind == "search" and not one.error)
    return {
        **more,
        "requests": len(records.samples),
        "failed": len(failed),
        "error_rate": round(len(failed) / max(1, len(records.samples)), 5),
        "requests_without_fault": len(calm),
        "failed_without_fault": sum(bool(one.error) for one in calm),
        "errors": errors(records.samples),
        "search_p50_seconds": round(seconds[len(seconds) // 2], 3) if seconds else None,
        "search_p95_seconds": round(seconds[int(len(seconds) * 0.95)], 3) if seconds else None,
        "documents_shown": records.shown,
        "lost_documents": records.lost,
        "wrong_rights": records.wrong_rights,
        "faults": [
            {**{name: getattr(row, name) for name in Row.__slots__}, "error_rate": row.failed / max(1, row.asked)}
            for row in table
        ],
    }


def as_markdown(table: Sequence[Row], found: dict[str, Any]) -> str:
    """Return the table for people."""
    lines = [
        "| Fault | Times | Search again after | Pages again after | The model answers again after "
        "| A document written then is found after | Requests that failed |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in table:
        share = f"{row.failed} of {row.asked} ({row.failed / max(1, row.asked):.1%})"
        cells = [_seconds(one) for one in (row.search, row.page, row.model)]
        late = "never" if row.documents is None else f"{row.documents:.1f} s"
        lines.append(f"| {row.name} | {row.times} | {' | '.join(cells)} | {late} | {share} |")
    kinds = "\n".join(f"| {kind} | {number} |" for kind, number in found["errors"].items())
    return (
        "\n".join(lines)
        + f"\n\n{found['requests']} requests, {found['failed']} failed ({found['error_rate']:.2%}); "
        + f"{len(found['lost_documents'])} documents lost, {len(found['wrong_rights'])} times a wrong right.\n"
        + (f"\n| What failed | Times |\n| --- | --- |\n{kinds}\n" if kinds else "")
    )


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "not run"
    return f"{seconds:.1f} s" if seconds else "at once"
