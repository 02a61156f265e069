"""Writes tiny PDFs by hand, so that tests know every byte of what they parse."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

_BOLD = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>"


def make_pdf(
    pages: Sequence[Sequence[str]],
    *,
    title: str = "",
    outline: Sequence[tuple[str, int]] = (),
    info: Mapping[str, str] | None = None,
    language: str = "",
) -> bytes:
    """Return a PDF.

    Args:
        pages: the lines of each page (Latin-1), written from the top in Helvetica.
        title: for the document information.
        outline: bookmarks: title and page index.
        info: more entries of the document information.
        language: of the document, as its catalog states it.
    """
    return _written([_column(lines) for lines in pages], title, outline, info, language)


def mapped_pdf(pages: Sequence[Sequence[str]], meant: Callable[[str], str], size: int = 14) -> bytes:
    """Return a PDF whose font says, by its ToUnicode map, that its letters mean others than it shows.

    Args:
        pages: the lines of each page (ASCII), written from the top in Helvetica.
        meant: what each character is said to be.
        size: of the letters, in points.
    """
    font = 3 + 2 * len(pages)
    count = len(pages)
    kids = " ".join(f"{3 + 2 * index} 0 R" for index in range(count))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {count} >>"]
    for index, lines in enumerate(pages):
        shown = "".join(f"({_escape(line)}) Tj 0 -{2 * size} Td " for line in lines)
        content = f"BT /F1 {size} Tf 72 720 Td {shown}ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {4 + 2 * index} 0 R "
            f"/Resources << /Font << /F1 {font} 0 R >> >> >>"
        )
        objects.append(_stream(content))
    objects.append(
        f"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding /ToUnicode {font + 1} 0 R >>"
    )
    pairs = "".join(f"<{code:02x}> <{ord(meant(chr(code))):04x}>\n" for code in range(32, 127))
    objects.append(
        _stream(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Wrong def\n"
            f"1 begincodespacerange\n<00> <ff>\nendcodespacerange\n95 beginbfchar\n{pairs}endbfchar\nendcmap\nend end"
        )
    )
    return _file(objects, {})


def placed_pdf(*pages: Sequence[tuple[float, float, str]], small: str = "", drawings: Sequence[str] = ()) -> bytes:
    """Return a PDF of letter-sized pages with texts at (x, y) from the bottom left, in this order.

    Args:
        pages: the texts of each page, in Helvetica of 10 points.
        small: the text that is in 6 points.
        drawings: the operators that draw lines and shapes under the text of each page.
    """
    return _written(
        [
            drawing
            + "".join(
                f"BT /F1 {6 if text == small else 10} Tf {x} {y} Td ({_escape(text)}) Tj ET\n" for x, y, text in page
            )
            for page, drawing in itertools.zip_longest(pages, drawings, fillvalue="")
        ]
    )


def styled_pdf(
    *pages: Sequence[tuple[float, str]], outline: Sequence[tuple[str, int]] = (), matrix: str = "1 0 0 1 72"
) -> bytes:
    """Return a PDF whose lines are written from the top in Helvetica, in different sizes.

    Args:
        pages: size and text of each page's lines; a negative size is bold.
        outline: bookmarks: title and page index.
        matrix: of the text, the height left out.
    """
    return _written(
        [
            "".join(
                f"BT /F{1 if size > 0 else 2} {abs(size)} Tf {matrix} {760 - 30 * row} Tm ({_escape(text)}) Tj ET\n"
                for row, (size, text) in enumerate(lines)
            )
            for lines in pages
        ],
        outline=outline,
    )


def _stream(content: str) -> str:
    return f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"


def _column(lines: Sequence[str]) -> str:
    shown = "".join(f"({_escape(line)}) Tj 0 -14 Td " for line in lines)
    return f"BT /F1 11 Tf 72 720 Td {shown}ET"


def _written(
    pages: Sequence[str],
    title: str = "",
    outline: Sequence[tuple[str, int]] = (),
    info: Mapping[str, str] | None = None,
    language: str = "",
) -> bytes:
    count = len(pages)
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(count))
    marks = 4 + 2 * count  # the outline's root; its items follow
    stated = (f" /Outlines {marks} 0 R" if outline else "") + (f" /Lang ({language})" if language else "")
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R{stated} >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for index, content in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * index} 0 R "
            f"/Resources << /Font << /F1 3 0 R /F2 {_BOLD} >> >> >>"
        )
        objects.append(f"<< /Length {len(content.encode('latin-1'))} >>\nstream\n{content}\nendstream")
    if outline:
        last = marks + len(outline)
        objects.append(f"<< /Type /Outlines /First {marks + 1} 0 R /Last {last} 0 R /Count {len(outline)} >>")
        for number, (name, page) in enumerate(outline, start=marks + 1):
            links = (f" /Prev {number - 1} 0 R" if number > marks + 1 else "") + (
                f" /Next {number + 1} 0 R" if number < last else ""
            )
            target = f"[{4 + 2 * page} 0 R /Fit]"
            objects.append(f"<< /Title ({_escape(name)}) /Parent {marks} 0 R /Dest {target}{links} >>")
    return _file(objects, {**({"Title": title} if title else {}), **(info or {})})


def encrypted_pdf() -> bytes:
    """Return a PDF whose security handler asks for a password that nobody knows."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>",
        f"<< /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <{'11' * 32}> /U <{'22' * 32}> >>",
    ]
    return _file(objects, {}, "/Encrypt 4 0 R /ID [<00> <00>]")


def _escape(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _file(objects: Sequence[str], info: Mapping[str, str], trailer: str = "") -> bytes:
    if info:
        objects = [*objects, f"<< {' '.join(f'/{name} ({_escape(value)})' for name, value in info.items())} >>"]
        trailer += f" /Info {len(objects)} 0 R"
    output = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(output))
        output += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = len(output)
    entries = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    output += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{entries}".encode()
    output += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF\n".encode()
    return bytes(output)
