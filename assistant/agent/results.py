"""What a model is told of a call: its result as data, with numbers that the answer may cite, as far as it fits."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from assistant.agent.documents import stretch
from assistant.errors import NotFoundError
from assistant.interfaces import Job
from assistant.prompts import found_frame, passage_frame, place_line, result_frame
from assistant.types import Document, DocumentInfo, Passage, ToolUse, User

_FRAME = 80  # tokens around a passage, at most
_LEAST = 40  # tokens of a passage that is still worth showing
_CUT = "\n(cut: the rest of {all:,} characters was left out, as there is no room for it)"
CountTexts = Callable[[Sequence[str]], list[int]]


class Reader(Protocol):
    """Reads documents as they are now; see `access.Library`."""

    def read(self, source: str, key: str, user: User) -> Document:
        """Return a document. Raises NotFoundError."""
        ...

    def readable(self, document_ids: Iterable[str], user: User) -> Mapping[str, DocumentInfo]:
        """Return those that the user may read, by id."""
        ...


class Results:
    """Writes down the results of one answer's calls.

    Args:
        job: the answer; passages get numbers in its sources.
        reader: reads documents for what was returned earlier.
        key: a secret of this installation, for the fences.
    """

    def __init__(self, job: Job, reader: Reader, key: bytes) -> None:
        self._job, self._reader, self._key = job, reader, key
        self._nonce = secrets.token_hex(8)

    def numbered(self, use: ToolUse) -> ToolUse:
        """Return the call with numbers for its passages, which the answer may cite from now on."""
        if not use.passages:
            return use
        sources = self._job.sources
        first = use.first or max((*sources, *self._taken(), 0)) + 1
        for number, passage in enumerate(use.passages, start=first):
            sources[number] = passage
        return replace(use, first=first)

    def message(self, use: ToolUse) -> str:
        """Return what the model is told of a call that has ended."""
        if use.state == "rejected":
            why = f": {use.reason}" if use.reason else "."
            return f"Not done. The person was asked and did not agree{why}"
        frame = result_frame(use.name, f"{self._nonce} {use.id}", self._key)
        if use.state != "done":  # an error may hold what a stranger's server said
            return f"The call failed:\n{frame.around(use.error)}".rstrip()
        changed = "" if use.proposed is None else f"The person changed the arguments to {_json(use.arguments)}.\n\n"
        return f"{changed}{frame.around(use.text)}{self._passages(use, frame.head)}".rstrip()

    def again(self, use: ToolUse) -> ToolUse:
        """Return a call of before as its user may read what it found now; what is gone or changed is left out."""
        if not use.rests_on:
            return use
        readable = self._reader.readable(use.rests_on, self._job.user)
        if use.rests_on <= readable.keys():
            there = tuple(found for one in use.passages if (found := self._now(one, readable)) is not None)
            if len(there) == len(use.passages):
                return replace(use, passages=there)
            if use.told:
                return replace(use, passages=there, first=0, text=f"{use.text} Some of it has changed since.")
        return replace(use, passages=(), first=0, text="What this call found has changed or may not be read any more.")

    def _now(self, passage: Passage, readable: Mapping[str, DocumentInfo]) -> Passage | None:
        ref = passage.ref
        if passage.text or readable[ref.id].ref.version != ref.version:
            return passage if passage.text else None
        try:
            document = self._reader.read(ref.source, ref.key, self._job.user)
        except NotFoundError:
            return None
        return stretch(document, passage.start, passage.end) if document.ref.version == ref.version else None

    def _passages(self, use: ToolUse, call: str) -> str:
        if not use.passages:
            return ""
        numbers = range(use.first, use.first + len(use.passages))
        if not use.told:
            lines = [f"[{number}] {place_line(one)}" for number, one in zip(numbers, use.passages, strict=True)]
            return "It rests on these places:\n" + found_frame(call, self._key).around("\n".join(lines))
        infos = self._reader.readable([one.ref.id for one in use.passages], self._job.user)
        return "".join(
            f"[{number}] {passage_frame(one, infos.get(one.ref.id), self._key).around(one.own_text)}"
            for number, one in zip(numbers, use.passages, strict=True)
        )

    def _taken(self) -> list[int]:
        return [one.first + len(one.passages) - 1 for one in self._job.so_far.tools if one.first]


def fitted(use: ToolUse, tokens: int, count: CountTexts) -> ToolUse:
    """Return a call whose result takes so many tokens at most, and says where it is cut."""
    text = _cut(use.text, tokens, count)
    if not use.passages:
        return replace(use, text=text)
    left = tokens - count([text])[0]
    texts = [one.own_text if use.told else "" for one in use.passages]
    kept: list[Passage] = []
    for passage, length in zip(use.passages, count(texts), strict=True):
        left -= length + _FRAME
        if left < 0:
            rest = left + length
            if use.told and rest >= _LEAST:
                kept.append(_shortened(passage, rest / length))
            break
        kept.append(passage)
    if kept == list(use.passages):
        return replace(use, text=text)
    if use.told:
        said = f"\n(Only a part is given, {len(kept)} of {len(use.passages)} passages, as there is no room for more.)"
        return replace(use, text=text + said, passages=tuple(kept))
    # the text tells of them still, and whoever may not read them any more may not read it
    return replace(use, text=text, passages=tuple(kept), documents=tuple(sorted(use.rests_on)))


def _cut(text: str, tokens: int, count: CountTexts) -> str:
    has = count([text])[0]
    if has <= tokens:
        return text
    note = _CUT.format(all=len(text))
    room = max(0, tokens - count([note])[0])
    shown = text
    while shown and has > room:  # tokens are not spread evenly over a text
        shown = shown[: int(len(shown) * room / has * 0.95)]
        has = count([shown])[0]
    return shown + note


def _shortened(passage: Passage, part: float) -> Passage:
    text = passage.text[: int(len(passage.text) * part * 0.9)]
    end = passage.start + len(text)
    notices = tuple((first, min(last, end)) for first, last in passage.notices if first < end)
    return replace(passage, end=end, text=text, notices=notices)


def _json(arguments: Mapping[str, Any]) -> str:
    return json.dumps(arguments, ensure_ascii=False)
