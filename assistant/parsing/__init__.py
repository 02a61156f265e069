"""Built-in parsers: bytes of a document in, text with structure and exact offsets out."""

from __future__ import annotations

from assistant.interfaces import Registry


def register(registry: Registry) -> None:
    """Offer the built-in parsers: plain text, Markdown, HTML, PDF and DOCX."""
    from assistant.parsing.docx import DocxParser
    from assistant.parsing.html import HtmlParser
    from assistant.parsing.markdown import MarkdownParser
    from assistant.parsing.pdf import PdfParser
    from assistant.parsing.text import TextParser

    for parser in (TextParser(), MarkdownParser(), HtmlParser(), PdfParser(), DocxParser()):
        registry.add_parser(parser)
