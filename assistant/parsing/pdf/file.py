"""Opens a PDF with PDFium and turns what PDFium refuses into errors that name the document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant.errors import DamagedDocumentError, EncryptedDocumentError

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_SCALE = 1000  # PDFium answers in whole device units: a thousandth of a point is fine enough
Affine = tuple[float, float, float, float, float, float]


def open_pdf(key: str, data: bytes, password: str | None = None) -> PdfDocument:
    """Return the open PDF, which the caller closes; PDFium works on one thread at a time.

    Args:
        key: the document's key, for the errors.
        data: the file's bytes.
        password: what opens it, if it asks for one.

    Raises:
        EncryptedDocumentError: it asks for a password, or for another one.
        DamagedDocumentError: it is no PDF or has no pages.
    """
    import pypdfium2 as pdfium
    from pypdfium2 import raw

    try:
        pdf = pdfium.PdfDocument(data, password=password)
    except pdfium.PdfiumError as error:
        code = getattr(error, "err_code", None)
        if code in {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY}:
            raise EncryptedDocumentError(
                f"{key}: the PDF asks for a password", "store a copy without password"
            ) from error
        raise DamagedDocumentError(f"{key}: not a readable PDF: {error}", "open and save it again") from error
    if len(pdf) == 0:
        pdf.close()
        raise DamagedDocumentError(f"{key}: the PDF has no pages", "open and save it again")
    return pdf


def to_top_left(page: Any) -> Affine:
    """Return a, b, c, d, e, f: the place (x, y) of a `PdfPage` is shown at (ax + cy + e, bx + dy + f).

    In points from the top left of the page as it is shown: crop box and rotation are taken into account.
    """
    import ctypes

    from pypdfium2 import raw

    width, height = (round(size * _SCALE) for size in page.get_size())
    across, down = ctypes.c_int(), ctypes.c_int()
    shown: list[tuple[float, float]] = []
    for x, y in ((0, 0), (100, 0), (0, 100)):
        raw.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, across, down)
        shown.append((across.value / _SCALE, down.value / _SCALE))
    (e, f), (ax, ay), (bx, by) = shown
    return (ax - e) / 100, (ay - f) / 100, (bx - e) / 100, (by - f) / 100, e, f


def transformed(affine: Affine, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Return PDFium's left, bottom, right, top as left, top, right, bottom from the page's top left."""
    a, b, c, d, e, f = affine
    left, bottom, right, top = box
    xs = (a * left + c * bottom + e, a * right + c * top + e)
    ys = (b * left + d * bottom + f, b * right + d * top + f)
    return min(xs), min(ys), max(xs), max(ys)
