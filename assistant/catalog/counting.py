"""What is counted of a turn, taken from the turn as it is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

DAY = 86_400
Turn = Mapping[str, Any] | RowMapping
_BEFORE_ANSWER = ("rewrite", "search", "plan")


def facts_of(turn: str, person: str, row: Turn) -> dict[str, Any]:
    """Return the columns of `TurnFactRow` for a turn.

    Args:
        turn, person: ids.
        row: the turn's `state`, `plan`, `answer`, `created_at` and `finished_at`, as they are stored.
    """
    answer, plan = row["answer"] or {}, row["plan"] or {}
    usage, cited = answer.get("usage") or {}, answer.get("citations") or ()
    ended = row["finished_at"]
    return {
        "turn_id": turn,
        "person": person,
        "day": int(row["created_at"] // DAY),
        "state": row["state"],
        "mode": str(plan.get("mode", ""))[:20],
        "model": str(answer.get("model") or "")[:300],
        "found": answer.get("found"),
        "fallback": bool(answer.get("fallback")),
        "first_seconds": _first(answer.get("timings") or {}),
        "seconds": None if ended is None else max(0.0, ended - row["created_at"]),
        "prompt_tokens": int(usage.get("prompt_tokens") or 0),
        "completion_tokens": int(usage.get("completion_tokens") or 0),
        "cached_tokens": usage.get("cached_tokens"),
        "citations": len(cited),
        "verified": sum(bool(one.get("verified")) for one in cited),
    }


def sources_of(turn: str, person: str, row: Turn) -> list[dict[str, Any]]:
    """Return the columns of `TurnSourceRow` for each source that a turn's answer cites; see `facts_of`."""
    cited = Counter(str(one["document"]["source"]) for one in (row["answer"] or {}).get("citations") or ())
    day = int(row["created_at"] // DAY)
    return [
        {"turn_id": turn, "source": source[:200], "person": person, "day": day, "citations": number}
        for source, number in cited.items()
    ]


def _first(timings: Mapping[str, Any]) -> float | None:
    """Return the seconds until the first words came: a quoted answer comes whole, once it is made."""
    if "answer" not in timings:
        return None
    before = sum(float(timings.get(name) or 0) for name in _BEFORE_ANSWER)
    return before + float(timings["first"] if "first" in timings else timings["answer"])
