"""Takes the pictures that people attach to questions: checks them, writes their pixels anew, reads words in them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.adapters.pixels import TYPES, reencoded
from assistant.errors import AssistantError, ConfigurationError, DamagedDocumentError
from assistant.registry import PluginRegistry
from assistant.types import Attachment, Document, DocumentRef

log = logging.getLogger(__name__)
_SIDE = 2016  # pixels: a screenshot's letters can still be read
_NAME = 100  # characters of a file's name
_TEXT = 4000  # characters of what is recognised


class Parsers(Protocol):
    """Parses in a process of its own; `parsing.process.sandbox.ParserPool`."""

    def parse(self, parser: str, ref: DocumentRef, data: bytes) -> Document:
        """Return the document. Raises AssistantError."""
        ...


@dataclass(frozen=True, slots=True)
class AttachmentTaker:
    """See the module. Safe to use from several threads.

    Args:
        parsers: recognise text.
        registry: knows the parser of pictures.
        most: pictures of one question.
        max_bytes: of one picture's file.
    """

    parsers: Parsers
    registry: PluginRegistry
    most: int
    max_bytes: int

    def take(self, files: Sequence[tuple[str, bytes]]) -> tuple[Attachment, ...]:
        """Return the pictures as they are kept and shown.

        Args:
            files: names and bytes, as they came.

        Raises:
            ConfigurationError: they are too many or too large, or one is no picture that can be decoded.
        """
        if len(files) > self.most:
            hint = "attach fewer" if self.most else "set question_attachments to allow some"
            raise ConfigurationError(f"{len(files)} pictures are attached; a question may have {self.most:,}", hint)
        return tuple(self._taken(number, *file) for number, file in enumerate(files, 1))

    def _taken(self, number: int, name: str, data: bytes) -> Attachment:
        name = _plain_name(name) or f"picture {number}"
        if len(data) > self.max_bytes:
            raise ConfigurationError(
                f"the attachment {name!r} has {len(data):,} bytes; {self.max_bytes:,} are allowed", "make it smaller"
            )
        try:
            image, media_type = reencoded(data, _SIDE)
        except DamagedDocumentError as error:
            kinds = ", ".join(TYPES)
            raise ConfigurationError(
                f"the attachment {name!r} cannot be taken: {error.message}", f"attach a picture ({kinds})"
            ) from error
        return Attachment(name, image, media_type, self._text(name, image, media_type))

    def _text(self, name: str, image: bytes, media_type: str) -> str:
        """Return what is recognised in the picture; nothing where that fails, which is logged."""
        ref = DocumentRef("", f"attachment.{media_type.partition('/')[2]}", "", name, "", media_type)
        try:
            document = self.parsers.parse(self.registry.parser_for(ref).name, ref, image)
        except AssistantError as error:
            log.info("no words were recognised in an attachment: %s", error.code)
            return ""
        return document.own_text.strip()[:_TEXT]


def _plain_name(name: str) -> str:
    """Return a file's name without folders, on one line."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return " ".join("".join(sign if sign.isprintable() else " " for sign in last).split())[-_NAME:]
