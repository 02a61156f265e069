"""Built-in parsers: bytes of a document in, text with structure and exact offsets out."""

from __future__ import annotations

from assistant.interfaces import Registry


def register(registry: Registry) -> None:
    """Offer the built-in parsers, one for each family of formats."""
    for add in (_texts, _office, _pictures, _containers):
        add(registry)


def _texts(registry: Registry) -> None:
    from assistant.parsing.csv_table import CsvParser
    from assistant.parsing.eml import EmlParser
    from assistant.parsing.html import HtmlParser
    from assistant.parsing.ipynb import NotebookParser
    from assistant.parsing.light_markup import LightMarkupParser
    from assistant.parsing.markdown import MarkdownParser
    from assistant.parsing.plain_code import CodeParser
    from assistant.parsing.subtitles import SubtitleParser
    from assistant.parsing.text import TextParser
    from assistant.parsing.xml_text import XmlParser

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
    from assistant.parsing.docx import DocxParser
    from assistant.parsing.epub import EpubParser
    from assistant.parsing.legacy_doc import LegacyDocParser
    from assistant.parsing.legacy_ppt import LegacyPptParser
    from assistant.parsing.odf import OdfParser
    from assistant.parsing.pdf import PdfParser
    from assistant.parsing.pptx import PptxParser
    from assistant.parsing.rtf import RtfParser
    from assistant.parsing.xls import XlsParser
    from assistant.parsing.xlsx import XlsxParser

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
    from assistant.parsing.images import ImageParser
    from assistant.parsing.svg import SvgParser

    registry.add_parser(ImageParser())
    registry.add_parser(SvgParser())


def _containers(registry: Registry) -> None:
    from assistant.parsing.archive_tar import TarParser
    from assistant.parsing.archive_zip import ZipParser
    from assistant.parsing.mbox import MboxParser
    from assistant.parsing.msg import MsgParser

    registry.add_parser(ZipParser())
    registry.add_parser(TarParser())
    registry.add_parser(MboxParser())
    registry.add_parser(MsgParser())
