"""How often the citation checker is right, on answers made by script from real documents.

    python -m tests.benchmarks.citation_check DATA_DIR [--answers 500] [--wrong N]

DATA_DIR holds `handbook_18f`, `handbook_sourcegraph` and `sec10q_multidoc`. Each answer has two to four statements:
verbatim, paraphrased, shifted (right, but citing the passage beside), elsewhere (citing another document), or invented
(a number or a name changed, two swapped, negated, made up); `word` has a common word changed. Rules were tuned on the
documents of one half (`dev`); the other half's figures count. `--wrong` prints so many statements of each kind that
were not judged as they should be.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from assistant.citations import read_claims
from assistant.evaluation.splits import split_of
from assistant.parsing.texts.markdown import MarkdownParser
from assistant.types import LOCAL_OPERATOR, Citation, Document, DocumentRef
from tests.answer.memory import MemoryLibrary, cut
from tests.benchmarks.made_answers import INVENTED, Made, MadeAnswer, made_answers
from tests.fakes.embedder import FakeEmbedder

Judged = tuple[Made, Citation | None]


def handbooks(data: Path) -> Iterator[Document]:
    """Yield the pages of both handbooks that are long enough to be cited."""
    for name in ("handbook_18f", "handbook_sourcegraph"):
        root = data / name / "files"
        for path in sorted(root.rglob("*.md")):
            raw = path.read_bytes()
            if len(raw) > 2500:
                key = str(path.relative_to(root))
                yield MarkdownParser().parse(DocumentRef(name, key, "1", key, key, "text/markdown"), raw)


def filings(data: Path) -> Iterator[Document]:
    """Yield the filings' text, each ten pages a document: the whole ones would be too few to part."""
    pages: dict[str, list[str]] = defaultdict(list)
    for line in (data / "sec10q_multidoc" / "pages.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        pages[row["_id"].rsplit("#", 1)[0]].append(row["text"])
    for name, texts in pages.items():
        for first in range(0, len(texts), 10):
            key = f"{name} pages {first + 1}"
            ref = DocumentRef("filings", key, "1", key, key, "text/plain")
            yield Document(ref, "\n\n".join(texts[first : first + 10]))


def judged(answers: Sequence[MadeAnswer], documents: Sequence[Document]) -> Iterator[Judged]:
    """Yield each statement with the citation that was read of it, None where none was."""
    library = MemoryLibrary(documents, FakeEmbedder())
    for answer in answers:
        claims = read_claims(answer.text, answer.sources, LOCAL_OPERATOR, library)
        left = list(claims.citations)
        for made in answer.statements:
            key = made.text.rstrip(".")[:60]
            found = next((c for c in left if c.statement and key in claims.text[slice(*c.statement)]), None)
            if found is not None:
                left.remove(found)
            yield made, found
        for stray in left:  # a citation that no statement made: the answer was parted wrongly
            yield Made("", "made up", stray.number, documents[0], 0, 0), None


def exact(made: Made, citation: Citation) -> bool:
    """Whether a quote is exactly the sentence that the statement was made from, there or where it stands again."""
    text = made.document.text[made.start : made.end]
    same = citation.passage.ref.id == made.document.ref.id
    return same and citation.verified and " ".join(citation.quote.split()).rstrip(".") == " ".join(text.split())[:-1]


def report(pairs: Sequence[Judged]) -> dict[str, object]:
    """Return the figures of some statements."""
    verdicts: dict[str, Counter[str]] = defaultdict(Counter)
    places: dict[str, list[bool]] = defaultdict(list)
    for made, citation in pairs:
        verdicts[made.kind][str(citation.supported) if citation else "no citation"] += 1
        if made.kind in {"verbatim", "paraphrased", "shifted"}:
            places[made.kind].append(citation is not None and exact(made, citation))
    said_right = sum(verdicts[k]["True"] for k in ("verbatim", *INVENTED))
    said_wrong = sum(verdicts[k]["False"] for k in ("verbatim", *INVENTED))
    right, invented = verdicts["verbatim"].total(), sum(verdicts[k].total() for k in INVENTED)
    caught = sum(verdicts[k]["False"] for k in INVENTED)
    return {
        "statements": len(pairs),
        "right": {
            "precision": round(verdicts["verbatim"]["True"] / max(1, said_right), 4),
            "recall": round(verdicts["verbatim"]["True"] / max(1, right), 4),
        },
        "invented": {
            "precision": round(caught / max(1, said_wrong), 4),
            "recall": round(caught / max(1, invented), 4),
        },
        "exact characters": {kind: round(sum(held) / len(held), 4) for kind, held in places.items()},
        "verdicts": {kind: dict(counts) for kind, counts in sorted(verdicts.items())},
    }


def wanted(made: Made, citation: Citation | None) -> bool:
    """Whether a statement was judged, and placed, as it should be."""
    if citation is None:
        return False
    if made.kind in {*INVENTED, "elsewhere", "word"}:
        return citation.supported is False
    return citation.supported is True and exact(made, citation)


def main() -> None:
    """Print one line of JSON for each half, and for each kind of document in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--answers", type=int, default=500)
    parser.add_argument("--wrong", type=int, default=0)
    parser.add_argument("--half", choices=["dev", "heldout"])
    given = parser.parse_args()
    kinds = {"handbooks": list(handbooks(given.data)), "filings": list(filings(given.data))}
    for half in [given.half] if given.half else ["dev", "heldout"]:
        found: list[Judged] = []
        started = time.perf_counter()
        for seed, (name, documents) in enumerate(kinds.items()):
            own = [d for d in documents if split_of(d.ref.key.split(" pages ")[0]) == half]
            share = given.answers * (3 - seed) // 5  # three of five from the handbooks
            pairs = list(judged(list(made_answers(own, cut, share, seed)), own))
            print(json.dumps({"half": half, "documents": name, **report(pairs)}))
            found += pairs
        seconds = time.perf_counter() - started
        print(json.dumps({"half": half, "documents": "all", **report(found), "seconds": round(seconds, 1)}))
        shown: Counter[str] = Counter()
        for made, citation in found:
            if not wanted(made, citation) and shown[made.kind] < given.wrong:
                shown[made.kind] += 1
                said = citation and (citation.supported, citation.quote)
                print(
                    f"  {made.kind}: {made.text!r}\n    -> {said}\n    of {made.document.text[made.start : made.end]!r}"
                )


if __name__ == "__main__":
    sys.exit(main())
