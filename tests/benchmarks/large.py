"""Measures what large files cost: PDFs of many pages and tables of many megabytes, made for the purpose.

Run it as `python -m tests.benchmarks.large [--pages N ...] [--megabytes N ...]`. Each file goes through a parser
process of its own, as in ingestion. A line says its CPU seconds, the most memory that that process held, how much this
process (which keeps the file and gets the text) grew, or why the file was refused.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import random
import resource
import time
from collections.abc import Iterator

from assistant.errors import AssistantError
from assistant.parsing.process.sandbox import ParserPool
from assistant.types import DocumentRef

_MEMORY_MB = 2048
_LINES = 50  # of a page
_WORDS = "the annual report of the council lists every bridge road school and library with what it cost"


def main() -> None:
    """Make the files one after another and print a line of JSON for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, nargs="*", default=[100, 1000, 5000])
    parser.add_argument("--megabytes", type=int, nargs="*", default=[10, 45, 60, 500])
    parser.add_argument("--max-bytes", type=int, default=100_000_000, help="the setting max_document_bytes")
    parser.add_argument("--seconds", type=float, default=120, help="the setting parse_seconds")
    arguments = parser.parse_args()
    cases = [("pdf", count) for count in arguments.pages] + [("csv", count) for count in arguments.megabytes]
    for kind, count in cases:
        # Only a process that is new each time can tell the most memory that its own child held.
        case = multiprocessing.get_context("spawn").Process(
            target=_measure, args=(kind, count, arguments.max_bytes, arguments.seconds)
        )
        case.start()
        case.join()
        if case.exitcode:
            print(json.dumps({"file": f"{count}.{kind}", "this_process_ended": case.exitcode}))


def _measure(kind: str, count: int, max_bytes: int, seconds: float) -> None:
    data = pdf(count) if kind == "pdf" else b"".join(csv_rows(count * 1_000_000))
    media_type = "application/pdf" if kind == "pdf" else "text/csv"
    ref = DocumentRef("benchmark", f"{count}.{kind}", "1", "large", "", media_type)
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    row: dict[str, object] = {"file": ref.key, "mb": round(len(data) / 1e6, 1)}
    with ParserPool(1, _MEMORY_MB << 20, seconds, max_bytes) as pool:
        try:
            document = pool.parse(kind, ref, data)
            row |= {"pages": len(document.pages), "characters": len(document.text), "blocks": len(document.blocks)}
        except AssistantError as error:
            row["refused"] = f"{error.code}: {error}"
    children, own = resource.getrusage(resource.RUSAGE_CHILDREN), resource.getrusage(resource.RUSAGE_SELF)
    row |= {
        "seconds": round(time.monotonic() - started, 1),
        "cpu_seconds": round(children.ru_utime + children.ru_stime, 1),
    }
    row |= {"parser_peak_mb": children.ru_maxrss // 1024, "own_growth_mb": (own.ru_maxrss - before) // 1024}
    print(json.dumps(row), flush=True)


def pdf(pages: int) -> bytes:
    """Return a PDF of so many pages of text, each with a heading, a running header and a page number."""
    generator, out, places = random.Random(pages), io.BytesIO(), []

    def put(number: int, body: bytes) -> None:
        places.append((number, out.tell()))
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))

    out.write(b"%PDF-1.4\n")
    kids = b" ".join(b"%d 0 R" % (4 + 2 * page) for page in range(pages))
    put(1, b"<</Type/Catalog/Pages 2 0 R>>")
    put(2, b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids))
    put(3, b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    for page in range(pages):
        content = "\n".join(_page(generator, page + 1)).encode("ascii")
        about = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>/Contents %d 0 R>>"
        put(4 + 2 * page, about % (5 + 2 * page))
        put(5 + 2 * page, b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for _, place in sorted(places)))
    out.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, start))
    return out.getvalue()


def csv_rows(size: int) -> Iterator[bytes]:
    """Yield pieces of a table of at least `size` bytes together, its header first."""
    generator = random.Random(size)
    piece = b"order,customer,article,quantity,price,remark\n"
    number = 0
    while size > 0:
        yield piece
        size -= len(piece)
        rows = (
            f"{number + at},customer {generator.randrange(9999)},article {generator.randrange(999)},"
            f"{generator.randrange(50)},{generator.random() * 100:.2f},delivered by truck"
            for at in range(1000)
        )
        piece = ("\n".join(rows) + "\n").encode("ascii")
        number += 1000


def _page(generator: random.Random, number: int) -> Iterator[str]:
    yield f"BT /F 9 Tf 60 815 Td (Annual report of the council) Tj ET BT /F 9 Tf 290 30 Td ({number}) Tj ET"
    yield f"BT /F 16 Tf 60 785 Td (Part {number} of the report) Tj ET"
    words = _WORDS.split()
    for line in range(_LINES):
        said = " ".join(generator.choice(words) for _ in range(14))
        yield f"BT /F 10 Tf 60 {760 - 14 * line} Td ({said}) Tj ET"


if __name__ == "__main__":
    main()
