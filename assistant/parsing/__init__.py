"""Built-in parsers: bytes of a document in, text with structure and exact offsets out."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest

MANIFEST = Manifest("parsers", "1.0", description="Reads files of every common kind.")


def register(registry: Registry) -> None:
    """Offer the built-in parsers, one for each family of formats."""
    for add in (_texts, _office, _pictures, _containers):
        add(registry)


def _texts(registry: Registry) -> None:
    from assistant.parsing.mail.eml import EmlParser
    from assistant.parsing.texts.csv_table import CsvParser
    from assistant.parsing.texts.ipynb import NotebookParser
    from assistant.parsing.texts.light_markup import LightMarkupParser
    from assistant.parsing.texts.markdown import MarkdownParser
    from assistant.parsing.texts.plain_code import CodeParser
    from assistant.parsing.texts.subtitles import SubtitleParser
    from assistant.parsing.texts.text import TextParser
    from assistant.parsing.texts.xml_text import XmlParser
    from assistant.parsing.web.html import HtmlParser

    registry.add_parser(TextParser())
    registry.add_parser(MarkdownParser())
    registry.add_parser(LightMarkupParser())
    registry.add_parser(HtmlParser())
    registry.add_parser(CodeParser())
    registry.add_parser(CsvParser())
    registry.add_parser(XmlParser())
    registry.add_parser(NotebookParser())
    registry.add_parser(SubtitleParser())
    registry.add_parser(EmlParser())


def _office(registry: Registry) -> None:
    from assistant.parsing.docx.parser import DocxParser
    from assistant.parsing.legacy.doc import LegacyDocParser
    from assistant.parsing.legacy.ppt import LegacyPptParser
    from assistant.parsing.legacy.rtf import RtfParser
    from assistant.parsing.odf.parser import OdfParser
    from assistant.parsing.pdf.parser import PdfParser
    from assistant.parsing.pptx.parser import PptxParser
    from assistant.parsing.web.epub import EpubParser
    from assistant.parsing.workbooks.xls import XlsParser
    from assistant.parsing.workbooks.xlsx import XlsxParser

    registry.add_parser(PdfParser())
    registry.add_parser(DocxParser())
    registry.add_parser(XlsxParser())
    registry.add_parser(PptxParser())
    registry.add_parser(LegacyDocParser())
    registry.add_parser(XlsParser())
    registry.add_parser(LegacyPptParser())
    registry.add_parser(OdfParser())
    registry.add_parser(RtfParser())
    registry.add_parser(EpubParser())


def _pictures(registry: Registry) -> None:
    from assistant.parsing.pictures.images import ImageParser
    from assistant.parsing.pictures.svg import SvgParser

    registry.add_parser(ImageParser())
    registry.add_parser(SvgParser())


def _containers(registry: Registry) -> None:
    from assistant.parsing.archives.tar import TarParser
    from assistant.parsing.archives.zip import ZipParser
    from assistant.parsing.mail.mbox import MboxParser
    from assistant.parsing.mail.msg import MsgParser
    from assistant.parsing.mail.winmail import WinmailParser

    registry.add_parser(ZipParser())
    registry.add_parser(TarParser())
    registry.add_parser(MboxParser())
    registry.add_parser(MsgParser())
    registry.add_parser(WinmailParser())
