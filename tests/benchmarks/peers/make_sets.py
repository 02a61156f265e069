"""Writes the sets that the comparison runs on into a folder, in BEIR layout.

    python -m tests.benchmarks.peers.make_sets DATA_DIR CACHE_DIR

`scifact` and `product_docs_rag` are taken as they are. `xquad_en` has the 240 English paragraphs of XQuAD as
documents and all 1,190 English questions. `sec10q` has the 12 filings of `sec10q_multidoc` as documents (the text of
each PDF's pages by pypdfium2, with an empty line between pages), and a question's relevant documents are the filings
that its publisher names.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path


def _write_lines(path: Path, rows: Iterable[dict]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _rows(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def copy(source: Path, target: Path) -> None:
    """Take a set as it is."""
    for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv"):
        shutil.copy(source / name, target / name)


def xquad_en(source: Path, target: Path) -> None:
    """Keep the English questions."""
    shutil.copy(source / "corpus.jsonl", target / "corpus.jsonl")
    english = [q for q in _rows(source / "queries.jsonl") if q["_id"].startswith("en:")]
    _write_lines(target / "queries.jsonl", english)
    head, *judged = (source / "qrels.tsv").read_text(encoding="utf-8").splitlines()
    names = {q["_id"] for q in english}
    lines = [head, *(line for line in judged if line.partition("\t")[0] in names)]
    (target / "qrels.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def sec10q(source: Path, target: Path) -> None:
    """Read the filings' text from the PDFs."""
    import pypdfium2

    rows = []
    for path in sorted((source / "pdfs").glob("*.pdf")):
        with pypdfium2.PdfDocument(path) as pdf:
            pages = [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in pdf]
        rows.append({"_id": path.stem, "title": path.stem, "text": "\n\n".join(pages)})
    _write_lines(target / "corpus.jsonl", rows)
    for name in ("queries.jsonl", "qrels.tsv"):
        shutil.copy(source / name, target / name)


def main(data: Path, cache: Path) -> None:
    """Write every set, unless it is there."""
    makers = {
        "scifact": (copy, "scifact"),
        "product_docs_rag": (copy, "product_docs_rag"),
        "xquad_en": (xquad_en, "xquad_multilingual"),
        "sec10q": (sec10q, "sec10q_multidoc"),
    }
    for name, (make, source) in makers.items():
        target = cache / name
        if (target / "qrels.tsv").is_file():
            continue
        target.mkdir(parents=True, exist_ok=True)
        make(data / source, target)
        print(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
