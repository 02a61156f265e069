"""Tells which language a document is written in where the document itself does not say."""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from typing import Any

from assistant.types import Block, Document

_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"(?:https?|ftp|file|mailto|data):\S+|\S+@\S+|\S*[/\\]\S*[/\\]\S*")
_MIN_LETTERS = 40  # of fewer letters, a wrong answer is too likely (xquad: 85 of 1,200 at 50 characters)
_MIN_LETTERS_DENSE = 8  # where one letter is a syllable or a word
_DENSE = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_MIN_CONFIDENCE = 0.5
_WINDOW = 1500  # characters; the text's begin, middle and end are looked at
_PIECES = 40  # blocks of a document that are looked at
_SAMPLE = 6000
# The detector's languages: ISO 639-3 to 639-1.
_CODES = {
    "afr": "af", "aka": "ak", "amh": "am", "ara": "ar", "aze": "az", "bel": "be", "ben": "bn", "bul": "bg",
    "cat": "ca", "ces": "cs", "cmn": "zh", "cym": "cy", "dan": "da", "deu": "de", "ell": "el", "eng": "en",
    "epo": "eo", "est": "et", "fin": "fi", "fra": "fr", "guj": "gu", "heb": "he", "hin": "hi", "hrv": "hr",
    "hun": "hu", "hye": "hy", "ind": "id", "ita": "it", "jav": "jv", "jpn": "ja", "kan": "kn", "kat": "ka",
    "khm": "km", "kor": "ko", "lat": "la", "lav": "lv", "lit": "lt", "mal": "ml", "mar": "mr", "mkd": "mk",
    "mya": "my", "nep": "ne", "nld": "nl", "nob": "no", "ori": "or", "pan": "pa", "pes": "fa", "pol": "pl",
    "por": "pt", "ron": "ro", "rus": "ru", "sin": "si", "slk": "sk", "slv": "sl", "sna": "sn", "spa": "es",
    "srp": "sr", "swe": "sv", "tam": "ta", "tel": "te", "tgl": "tl", "tha": "th", "tuk": "tk", "tur": "tr",
    "ukr": "uk", "urd": "ur", "uzb": "uz", "vie": "vi", "yid": "yi", "zul": "zu",
}  # fmt: skip


def detect_language(text: str) -> str:
    """Return the ISO 639-1 code of the language that most of `text` is written in, empty where it is not clear.

    Args:
        text: prose; of a long one the begin, the middle and the end are looked at. Takes about a millisecond.
    """
    sample = " ".join(_WORD.findall(_ADDRESS.sub(" ", _windows(text))))
    if len(sample) < (_MIN_LETTERS_DENSE if _DENSE.search(sample) else _MIN_LETTERS):
        return ""
    from kreuzberg import KreuzbergError, extract_bytes_sync

    try:
        found = extract_bytes_sync(sample.encode("utf-8", "replace"), "text/plain", config=_config())
    except KreuzbergError:  # a language is not worth a document
        return ""
    languages = found.detected_languages or [""]
    return _CODES.get(languages[0], "")


def with_language(document: Document) -> Document:
    """Return the document with the language it is written in where the file states none; of code, there is none."""
    if document.metadata.language:
        return document
    prose = [block for block in document.blocks if block.kind in {"heading", "text"}]
    tables = [block for block in document.blocks if block.kind == "table"]
    language = detect_language(_sample(prose)) or detect_language(_sample(tables))
    return replace(document, metadata=replace(document.metadata, language=language)) if language else document


def _windows(text: str) -> str:
    if len(text) <= 3 * _WINDOW:
        return text
    middle = (len(text) - _WINDOW) // 2
    return "\n".join((text[:_WINDOW], text[middle : middle + _WINDOW], text[-_WINDOW:]))


def _sample(blocks: list[Block]) -> str:
    """Return the begins of blocks from all over a document."""
    picked = blocks[:: -(-len(blocks) // _PIECES) or 1]
    each = _SAMPLE // max(1, len(picked))
    return "\n".join(block.text[:each] for block in picked)


@functools.cache
def _config() -> Any:
    from kreuzberg import ExtractionConfig, LanguageDetectionConfig

    detection = LanguageDetectionConfig(enabled=True, min_confidence=_MIN_CONFIDENCE, detect_multiple=False)
    return ExtractionConfig(use_cache=False, disable_ocr=True, language_detection=detection)  # type: ignore[call-arg]  # its stub lacks disable_ocr
