"""Measures what the tables of PDFs cost: pages for each second of CPU with and without them, file by file in turn.

Run it as `python -m tests.benchmarks.pdf_tables DIR`; `--show N` prints N random tables, to be looked at.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path
from unittest.mock import patch

from assistant.errors import AssistantError
from assistant.parsing.pdf.parser import PdfParser
from assistant.types import Document, DocumentRef


def main() -> None:
    """Parse every PDF below a folder both ways and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--show", type=int, default=0, help="print so many tables")
    parser.add_argument("--seed", type=int, default=20)
    arguments = parser.parse_args()
    pages = failed = 0
    seconds = {True: 0.0, False: 0.0}
    tables: list[tuple[str, int | None, str]] = []
    for path in sorted(arguments.directory.rglob("*.pdf")):
        ref, data = DocumentRef("benchmark", path.name, "1", path.name, "", "application/pdf"), path.read_bytes()
        try:
            document = PdfParser().parse(ref, data)
        except AssistantError:
            failed += 1
            continue
        pages += len(document.pages)
        tables += [(path.name, block.page, block.text) for block in document.blocks if block.kind == "table"]
        for number in range(2 * arguments.rounds):
            seconds[number % 2 == 0] += _seconds(ref, data, tables=number % 2 == 0)[0]
    for name, page, text in random.Random(arguments.seed).sample(tables, min(arguments.show, len(tables))):
        print(f"{name}, page {page}\n{text}\n")
    row = {"pages": pages, "failed": failed, "tables": len(tables)}
    speeds = {flag: round(pages * arguments.rounds / max(total, 0.01), 1) for flag, total in seconds.items()}
    print(json.dumps({**row, "pages_per_cpu_second": speeds[True], "without_tables": speeds[False]}))


def _seconds(ref: DocumentRef, data: bytes, *, tables: bool) -> tuple[float, Document]:
    began = time.process_time()
    if tables:
        document = PdfParser().parse(ref, data)
    else:
        with patch("assistant.parsing.pdf.pages.find_tables", return_value=[]):
            document = PdfParser().parse(ref, data)
    return time.process_time() - began, document


if __name__ == "__main__":
    main()
