"""How long documents and passages are: as the catalog counted them, or as they stand in a model's prompt."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from assistant.context.library import Library
from assistant.interfaces import ChatModel
from assistant.prompts import LONGEST_NUMBER, Frame, document_frame, passage_frame
from assistant.types import DocumentInfo, DocumentRef, ModelInfo, Passage, User

_AT_ONCE = 2_000_000  # characters whose tokens are counted together
_READ_AS = 2  # raised where a prompt holds the same text otherwise, as what was counted before does not hold then
_NAME = 300  # characters of a tokenizer's name that the catalog takes


class Lengths(Protocol):
    """Says how many tokens documents and passages take of a budget."""

    def of_documents(self, infos: Sequence[DocumentInfo]) -> list[int]:
        """Return the tokens of each whole document."""
        ...

    def of_passages(self, passages: Sequence[Passage]) -> list[int]:
        """Return the tokens of each passage."""
        ...


class CatalogLengths:
    """Lengths of bare texts in the embedder's tokens, as the catalog has them of documents.

    Args:
        count_tokens: the embedder's.
    """

    def __init__(self, count_tokens: Callable[[Sequence[str]], list[int]]) -> None:
        self._count = count_tokens

    def of_documents(self, infos: Sequence[DocumentInfo]) -> list[int]:
        """See `Lengths`."""
        return [info.tokens for info in infos]

    def of_passages(self, passages: Sequence[Passage]) -> list[int]:
        """See `Lengths`."""
        return self._count([passage.text for passage in passages])


class Count(Protocol):
    """A count that was kept; see `KeptCounts`."""

    @property
    def digest(self) -> str:
        """Of what was counted."""
        ...

    @property
    def tokens(self) -> int:
        """How many tokens that has."""
        ...


class KeptCounts(Protocol):
    """Keeps one count a document and tokenizer; the catalog does."""

    def get(self, tokenizer: str, document_ids: Sequence[str]) -> Mapping[str, Count]:
        """Return the counts that are kept, by the document's id."""
        ...

    def keep(self, tokenizer: str, counts: Mapping[str, tuple[str, int]]) -> None:
        """Keep digest and tokens by the document's id."""
        ...


class ModelLengths:
    """Lengths in a model's own tokens, with the frame and the number that each part has in a prompt.

    For one question: what is known of documents is kept. A document is counted once for a tokenizer, whoever asks.

    Args:
        model, info: who counts.
        kept: the documents' counts.
        library, user: for the texts that were not counted yet.
        key: of the frames; see `prompts.document_frame`.
    """

    def __init__(
        self,
        model: ChatModel,
        info: ModelInfo,
        *,
        kept: KeptCounts,
        library: Library,
        user: User,
        key: bytes,
    ) -> None:
        self._model, self._kept, self._library, self._user, self._key = model, kept, library, user, key
        name = info.tokenizer
        self._tokenizer = name if len(name) <= _NAME else hashlib.sha256(name.encode()).hexdigest()
        self._number = 0
        self._infos: dict[str, DocumentInfo] = {}
        self._passages: dict[tuple[DocumentRef, int, int], int] = {}

    def of_documents(self, infos: Sequence[DocumentInfo]) -> list[int]:
        """See `Lengths`. One that may not be read any more counts as the catalog has it."""
        frames = {info.ref.id: document_frame(info, self._key) for info in infos}
        digests = {info.ref.id: _digest(info, frames[info.ref.id]) for info in infos}
        kept = self._kept.get(self._tokenizer, list(digests))
        counts = {key: count.tokens for key, count in kept.items() if count.digest == digests[key]}
        missing = [info for info in infos if info.ref.id not in counts]
        for batch in _batches(missing):
            counts |= self._count_documents(batch, frames, digests)
        return [counts.get(info.ref.id, info.tokens) + self._for_number() for info in infos]

    def of_passages(self, passages: Sequence[Passage]) -> list[int]:
        """See `Lengths`."""
        missing = {place: p for p in passages if (place := (p.ref, p.start, p.end)) not in self._passages}
        unknown = [ref.id for ref, _, _ in missing if ref.id not in self._infos]
        if unknown:
            self._infos |= self._library.readable(unknown, self._user)
        if missing:
            framed = [self._framed(passage) for passage in missing.values()]
            self._passages |= zip(missing, self._model.count_texts(framed), strict=True)
        return [self._passages[p.ref, p.start, p.end] + self._for_number() for p in passages]

    def _framed(self, passage: Passage) -> str:
        return passage_frame(passage, self._infos.get(passage.ref.id), self._key).around(passage.own_text)

    def _for_number(self) -> int:
        if not self._number:
            self._number = self._model.count_texts([LONGEST_NUMBER])[0]
        return self._number

    def _count_documents(
        self, infos: Sequence[DocumentInfo], frames: Mapping[str, Frame], digests: Mapping[str, str]
    ) -> dict[str, int]:
        read = list(self._library.own_texts([info.ref for info in infos], self._user))
        counts = self._model.count_texts([frames[info.ref.id].around(text) for info, text in read])
        found = {info.ref.id: count for (info, _), count in zip(read, counts, strict=True)}
        self._kept.keep(self._tokenizer, {key: (digests[key], count) for key, count in found.items()})
        return found


def _digest(info: DocumentInfo, frame: Frame) -> str:
    """Return what tells a document's text in its frame from others: its version stands for the text itself."""
    return hashlib.blake2b(
        f"{_READ_AS} {info.ref.version}\n{frame.head}".encode("utf-8", "surrogatepass"), digest_size=16
    ).hexdigest()


def _batches(infos: Sequence[DocumentInfo]) -> list[list[DocumentInfo]]:
    found: list[list[DocumentInfo]] = []
    room = 0
    for info in infos:
        if not found or info.characters > room:
            found.append([])
            room = _AT_ONCE
        found[-1].append(info)
        room -= info.characters
    return found
