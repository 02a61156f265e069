"""Puts a prompt together so that the server's prefix cache is used: what stays the same first, the question last."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.prompts.blocks import Frame
from assistant.prompts.instructions import INSTRUCTIONS
from assistant.types import EVERYONE, ChatMessage, DocumentRef, Message, Passage

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
class Asking:
    """What changes from question to question, and so stands last.

    Attributes:
        question: standalone.
        history: the turns before it that are told, oldest first.
        pointers: passages that the search found in whole documents.
    """

    question: str
    history: Sequence[Message] = ()
    pointers: Sequence[Passage] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt; `sources` is what each number in it stands for.

    `cache_salt` is the same for all who are given the same documents, and for nobody else.
    """

    messages: tuple[ChatMessage, ...]
    cache_salt: str
    sources: Mapping[int, DocumentRef | Passage]


def reading_order(refs: Iterable[DocumentRef]) -> list[DocumentRef]:
    """Return the documents in the order they stand in a prompt, whatever was asked.

    Those that many may read come first: people who may read different things share the beginning of their prompts.
    """
    return sorted(refs, key=lambda ref: (EVERYONE not in ref.access.allow, -len(ref.access.allow), ref.source, ref.key))


def build(asking: Asking, parts: Iterable[Part], key: bytes) -> Prompt:
    """Return the prompt.

    Args:
        asking: the question and what belongs to it.
        parts: documents in `reading_order`, then passages, best first; numbered from 1 as they come.
        key: a secret of this installation, for the salt.
    """
    told: list[str] = ["The documents:\n\n"]
    sources: dict[int, DocumentRef | Passage] = {}
    salt = hmac.new(key, b"", "sha256")
    for number, part in enumerate(parts, 1):
        told.extend((f"[{number}] ", part.frame.head, part.text, part.frame.foot))
        sources[number] = part.source
        salt.update(f"{part.ref.id} {part.ref.version}\n".encode())
    if not sources:
        told.append("(none)\n\n")
    told.append(_ending(asking, sources))
    messages = (ChatMessage.of("system", INSTRUCTIONS), ChatMessage.of("user", "".join(told)))
    return Prompt(messages, salt.hexdigest(), sources)


def _ending(asking: Asking, sources: Mapping[int, DocumentRef | Passage]) -> str:
    numbers = {source.id: number for number, source in sources.items() if isinstance(source, DocumentRef)}
    pointed = [(numbers[passage.ref.id], passage) for passage in asking.pointers if passage.ref.id in numbers]
    lines = [pointer_lines(pointed)] if pointed else []
    if asking.history:
        lines.append("The conversation so far, for understanding the question; it is no source:")
        lines += [f"{turn.role}: {' '.join(turn.content.split())}" for turn in asking.history]
        lines.append("")
    lines.append(f"Question: {asking.question}")
    return "\n".join(lines)


def pointer_lines(pointers: Sequence[tuple[int, Passage]]) -> str:
    """Return what tells of passages that were found in whole documents, each with its document's number."""
    told = [f"[{number}] {_start(passage)}\n" for number, passage in pointers]
    return "".join(["A search found these places in them, which may or may not help:\n", *told]) if told else ""


def _start(passage: Passage) -> str:
    return " ".join(passage.own_text.split())[:_POINTER]
