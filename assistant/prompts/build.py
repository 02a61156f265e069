"""Puts a prompt together so that the server's prefix cache is used: what stays the same first, the question last."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import cast

from assistant.injection import disarmed
from assistant.prompts.blocks import Frame, conversation_frame, found_frame, turn_line
from assistant.prompts.instructions import guided
from assistant.types import (
    EVERYONE,
    ChatMessage,
    DocumentRef,
    ImagePart,
    Message,
    Passage,
    PlannedPicture,
    TextPart,
)

Numbered = DocumentRef | Passage | PlannedPicture  # what a number in a prompt may stand for
LONGEST_NUMBER = "[99999] "  # before a part, with the blank that ends it
_POINTER = 100  # characters of a passage that points into a whole document


@dataclass(frozen=True, slots=True)
class Part:
    """A whole document or a passage for the prompt; `source` is what a mark with its number stands for."""

    source: DocumentRef | Passage
    frame: Frame
    text: str

    @property
    def ref(self) -> DocumentRef:
        """The document's version that it is of."""
        return self.source.ref if isinstance(self.source, Passage) else self.source


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture for the prompt; `image` is None where the model does not see and is given the words in it."""

    source: PlannedPicture
    frame: Frame
    image: ImagePart | None

    @property
    def pieces(self) -> tuple[str | ImagePart, ...]:
        """The picture in its frame."""
        return self.frame.head, self.image or disarmed(self.source.place.text), self.frame.foot

    @property
    def message(self) -> ChatMessage:
        """A message of the picture alone, with the longest number: what it adds to a prompt is counted by it."""
        pieces = (LONGEST_NUMBER, *self.pieces)
        return ChatMessage("user", tuple(TextPart(each) if isinstance(each, str) else each for each in pieces))


@dataclass(frozen=True, slots=True)
class Asking:
    """What changes from question to question, and so stands last.

    Attributes:
        question: standalone.
        history: the turns before it that are told, oldest first.
        pointers: passages that the search found in whole documents.
        pictures: of the documents and passages, in the order of their documents where they can be.
        attached: pictures that the person attached.
        guidance: what packs add to the instructions for this person. It does not change from question to question, and
            stands before the documents, so that those who have the same packs share the beginning of their prompts.
        tools: whether the model may call some.
        before: numbers up to this one stand for something already.
    """

    question: str
    history: Sequence[Message] = ()
    pointers: Sequence[Passage] = ()
    pictures: Sequence[Shown] = ()
    attached: Sequence[Shown] = ()
    guidance: str = ""
    tools: bool = False
    before: int = 0


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt; `sources` is what each number in it stands for.

    `cache_salt` is the same for all who are given the same documents and instructions, and for nobody else.
    """

    messages: tuple[ChatMessage, ...]
    cache_salt: str
    sources: Mapping[int, Numbered]


def reading_order(refs: Iterable[DocumentRef]) -> list[DocumentRef]:
    """Return the documents in the order they stand in a prompt, whatever was asked.

    Those that many may read come first: people who may read different things share the beginning of their prompts.
    """
    return sorted(refs, key=lambda ref: (EVERYONE not in ref.access.allow, -len(ref.access.allow), ref.source, ref.key))


def picture_order(pictures: Iterable[Shown]) -> list[Shown]:
    """Return the pictures of documents in the order they stand in a prompt, whichever of them was found first."""
    shown = list(pictures)
    rank = {ref.id: number for number, ref in enumerate(reading_order({each.source.place.ref for each in shown}))}
    return sorted(shown, key=lambda each: (rank[each.source.place.ref.id], each.source.place.pictures))


def build(asking: Asking, parts: Iterable[Part], key: bytes) -> Prompt:
    """Return the prompt: documents, their pictures, passages, what is attached, and the question.

    Args:
        asking: the question and what belongs to it.
        parts: documents in `reading_order`, then passages, best first; all are numbered from 1 as they come.
        key: a secret of this installation, for the salt.
    """
    writer = _Writer(asking.before)
    writer.write("The documents:\n\n")
    salt = hmac.new(key, asking.guidance.encode(), "sha256")
    pictures = list(asking.pictures)
    read: set[str] = set()
    for part in parts:
        if isinstance(part.source, Passage):
            writer.show(pictures)
            pictures = []
        writer.number(part.source, part.frame.head, disarmed(part.text), part.frame.foot)
        salt.update(f"{part.ref.id} {part.ref.version}\n".encode())
        read.add(part.ref.id)
    writer.show(pictures)
    for ref in dict.fromkeys(each.source.place.ref for each in asking.pictures):
        if ref.id not in read:  # its picture alone is read
            salt.update(f"{ref.id} {ref.version}\n".encode())
    writer.show(asking.attached)
    if not writer.sources:
        writer.write("(none)\n\n")
    writer.write(_ending(asking, writer.sources, key))
    system = guided(asking.guidance, tools=asking.tools)
    messages = (ChatMessage.of("system", system), ChatMessage("user", tuple(writer.parts())))
    return Prompt(messages, salt.hexdigest(), writer.sources)


class _Writer:
    """Writes one message, its texts joined, and numbers what is in it."""

    def __init__(self, before: int) -> None:
        self._next = before + 1
        self.sources: dict[int, Numbered] = {}
        self._told: list[str | ImagePart] = []

    def write(self, text: str) -> None:
        """Add text."""
        self._told.append(text)

    def number(self, source: Numbered, *pieces: str | ImagePart) -> None:
        """Add something with the next number before it."""
        number = self._next
        self._next += 1
        self.sources[number] = source
        self._told += (f"[{number}] ", *pieces)

    def show(self, pictures: Iterable[Shown]) -> None:
        """Add pictures."""
        for each in pictures:
            self.number(each.source, *each.pieces)

    def parts(self) -> Iterator[TextPart | ImagePart]:
        """Yield what was added: pictures, and the text between two of them as one."""
        for is_text, group in groupby(self._told, key=lambda told: isinstance(told, str)):
            if is_text:
                yield TextPart("".join(cast(Iterator[str], group)))
            else:
                yield from cast(Iterator[ImagePart], group)


def _ending(asking: Asking, sources: Mapping[int, Numbered], key: bytes) -> str:
    numbers = {source.id: number for number, source in sources.items() if isinstance(source, DocumentRef)}
    pointed = [(numbers[passage.ref.id], passage) for passage in asking.pointers if passage.ref.id in numbers]
    lines = [pointer_lines(pointed, key)] if pointed else []
    if asking.history:
        told = "".join(turn_line(turn.role, turn.content) for turn in asking.history)
        frame = conversation_frame(told, key)
        lines.append("The conversation so far, for understanding the question; it is no source:")
        lines.append(frame.around(told.rstrip("\n")).rstrip("\n") + "\n")
    lines.append(f"Question: {asking.question}")
    return "\n".join(lines)


def pointer_lines(pointers: Sequence[tuple[int, Passage]], key: bytes) -> str:
    """Return what tells of passages that were found in whole documents, each with its document's number."""
    if not pointers:
        return ""
    told = "\n".join(f"[{number}] {_start(passage)}" for number, passage in pointers)
    framed = found_frame(told, key).around(told).rstrip("\n")
    return f"A search found these places in them, which may or may not help:\n{framed}\n"


def _start(passage: Passage) -> str:
    return " ".join(passage.own_text.split())[:_POINTER]
