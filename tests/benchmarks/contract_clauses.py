"""How many clauses of a kind `find_clauses` finds in real agreements, and how many of what it finds are of that kind.

    python -m tests.benchmarks.contract_clauses FOLDER

The folder holds any of the agreements that were labelled by hand, as text: `Apache-2.0`, `MPL-2.0` and `GPL-3` (as
Debian has them), `intel-eula.txt` (the license of Intel's developer tools, April 2023, in the package intel-openmp
2024.2.1), `mutual-nda.md` (Common Paper's Mutual NDA 1.0, a little shortened) and `nda-de.md` (a German template of an
NDA, likewise). A label is the number of a clause that regulates something of the kind; one that only mentions it has
none. A clause counts as found if one that was returned lies in it or holds it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from assistant.types import Document, DocumentRef
from plugins.contracts.clauses import clauses_of
from plugins.contracts.finder import matching
from plugins.contracts.kinds import KINDS

LABELS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Apache-2.0": {
        "intellectual_property": ("2", "3", "6"),
        "termination": ("3",),
        "warranty": ("7",),
        "liability": ("8",),
        "indemnity": ("9",),
    },
    "MPL-2.0": {
        "intellectual_property": ("2",),
        "indemnity": ("3.5",),
        "termination": ("5",),
        "warranty": ("6",),
        "liability": ("7",),
        "governing_law": ("8",),
        "disputes": ("8",),
    },
    "GPL-3": {
        "intellectual_property": ("2", "11"),
        "indemnity": ("7(f)",),
        "termination": ("8",),
        "warranty": ("15",),
        "liability": ("16",),
    },
    "intel-eula.txt": {
        "intellectual_property": ("2.1", "5", "8"),
        "indemnity": ("2.1(4)(v)", "2.3", "3.3"),
        "assignment": ("3.1",),
        "data_protection": ("4",),
        "warranty": ("6.1",),
        "liability": ("7",),
        "confidentiality": ("8", "9"),
        "termination": ("10",),
        "renewal": ("10",),
        "governing_law": ("12.3",),
        "disputes": ("12.3",),
    },
    "mutual-nda.md": {
        "confidentiality": ("1", "2", "3", "4", "5", "6"),
        "termination": ("5",),
        "renewal": ("5",),
        "intellectual_property": ("7",),
        "warranty": ("8",),
        "governing_law": ("9",),
        "disputes": ("9",),
        "assignment": ("11",),
        "notices": ("11",),
    },
    "nda-de.md": {
        "confidentiality": ("§ 2", "§ 3", "§ 4", "§ 5", "§ 6 (2)"),
        "renewal": ("§ 6",),
        "liability": ("§ 7",),
        "notices": ("§ 8 (1)",),
        "governing_law": ("§ 8 (3)",),
        "disputes": ("§ 8 (4)",),
    },
}

Span = tuple[int, int]


def counted(
    document: Document, labels: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, list[str], list[str], int, int]]:
    """Yield for each kind: its name, labels that were missed, what was found and is not one, and both counts."""
    places = {clause.number: (clause.start, clause.end) for clause in clauses_of(document)}
    for kind in KINDS:
        wanted = {number: places.get(number) for number in labels.get(kind, ())}
        found = [(f"{clause.name} ({by})", (clause.start, clause.end)) for clause, by in matching(document, kind, "")]
        missed = [number for number, span in wanted.items() if not any(_nested(span, one) for _, one in found)]
        wrong = [name for name, one in found if not any(_nested(span, one) for span in wanted.values())]
        yield kind, missed, wrong, len(wanted), len(found)


def _nested(first: Span | None, second: Span) -> bool:
    if first is None:
        return False
    return (first[0] <= second[0] and second[1] <= first[1]) or (second[0] <= first[0] and first[1] <= second[1])


def main() -> None:
    """Print a line for each agreement with what was missed and what was wrong, and the sums."""
    sums = [0, 0, 0, 0]
    for path in sorted(Path(sys.argv[1]).iterdir()):
        if path.name not in LABELS:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        document = Document(DocumentRef("files", path.name, "1", path.name, "", "text/plain"), text)
        rows = list(counted(document, LABELS[path.name]))
        numbers = [
            sum(len(row[1]) for row in rows),
            sum(len(row[2]) for row in rows),
            *(sum(row[at] for row in rows) for at in (3, 4)),
        ]
        sums = [one + other for one, other in zip(sums, numbers, strict=True)]
        _say(path.name, numbers)
        for kind, missed, wrong, _, _ in rows:
            if missed or wrong:
                print(f"    {kind}: missed {missed}, wrong {wrong}")
    _say("all", sums)


def _say(name: str, numbers: list[int]) -> None:
    missed, wrong, labels, found = numbers
    precision, recall = (found - wrong) / max(found, 1), (labels - missed) / max(labels, 1)
    print(f"{name}: {labels} labels, {found} found, precision {precision:.2f}, recall {recall:.2f}")


if __name__ == "__main__":
    main()
