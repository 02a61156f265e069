"""Draws a page of a PDF as a picture, with places on it marked."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from assistant.errors import DamagedDocumentError, NotFoundError
from assistant.parsing.pdf.file import open_pdf
from assistant.parsing.pictures.image_render import marked_png, picture_size
from assistant.types import Box


def render(
    data: bytes, page: int, highlights: Sequence[Box], width: int = 1000, key: str = "PDF", password: str | None = None
) -> bytes:
    """Return a PNG of a page. PDFium works on one thread at a time.

    Args:
        data: the PDF.
        page: the page's number, from 1.
        highlights: what to mark; boxes on other pages are left out.
        width: of the picture, in pixels; less where the picture would grow too large.
        key: the document's key, for the errors.
        password: what opens the file, if it asks for a password.

    Raises:
        NotFoundError: there is no such page.
        EncryptedDocumentError: the file asks for a password, or for another one.
        DamagedDocumentError: the file or the page cannot be read.
    """
    import pypdfium2 as pdfium

    with contextlib.closing(open_pdf(key, data, password)) as pdf:
        if not 1 <= page <= len(pdf):
            raise NotFoundError(f"{key}: there is no page {page}", f"the PDF has pages 1 to {len(pdf)}")
        try:
            with contextlib.closing(pdf[page - 1]) as sheet:
                across, down = sheet.get_size()
                if across <= 0 or down <= 0:
                    raise DamagedDocumentError(f"{key}: page {page} has no size", "open and save it again")
                scale = picture_size(across, down, width)[0] / across
                bitmap = sheet.render(scale=scale, may_draw_forms=False)
                with contextlib.closing(bitmap):
                    image = bitmap.to_pil().convert("RGB")
        except pdfium.PdfiumError as error:
            raise DamagedDocumentError(
                f"{key}: page {page} cannot be drawn: {error}", "open and save it again"
            ) from error
    return marked_png(image, page, highlights, image.width / across)
