"""Parser of source code and of data and configuration in text form: the file's own text, in pieces of code."""

from __future__ import annotations

from assistant.parsing.builder import paragraphs
from assistant.parsing.decode import decode
from assistant.types import Block, Document, DocumentRef

_TYPES = frozenset(
    {"application/json", "application/jsonl", "application/sql", "application/toml", "application/x-sh",
     "application/yaml", "text/calendar", "text/css", "text/javascript", "text/x-tex"}
)  # fmt: skip
_NOT_CODE = frozenset({"text/x-rst", "text/x-org", "text/x-asciidoc"})


class CodeParser:
    """Reads source code, JSON, YAML, TOML, SQL and the like; `document.text` is the decoded file, unchanged."""

    name = "code"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is code or data in text form."""
        kind = ref.media_type
        return kind in _TYPES or (kind.startswith("text/x-") and kind not in _NOT_CODE)

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the text with a block for every piece between blank lines. See `interfaces.Parser` for errors."""
        text = decode(data, ref.key)
        return Document(ref, text, tuple(Block("code", text[start:end], start, end) for start, end in paragraphs(text)))
