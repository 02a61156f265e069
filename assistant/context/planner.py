"""Chooses what a question gets to read within a token budget: passages, whole documents or everything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import zip_longest

from assistant.context.lengths import Lengths
from assistant.context.library import Library
from assistant.context.questions import question_scope
from assistant.context.shelf import Contents, Shelf
from assistant.errors import ConfigurationError
from assistant.types import (
    EVERYTHING,
    ContextPlan,
    DocumentInfo,
    Filters,
    Mode,
    Passage,
    PlanMode,
    PlannedDocument,
    User,
)

Deeper = Callable[[Sequence[DocumentInfo], int], Sequence[Passage]]  # of documents, to fill so many tokens with

_BATCH = 1000  # documents whose lengths are asked for together
# of the budget, kept for the best passage of each document, and with the next best; chosen on dev of sec10q_multidoc
_OF_BEST, _OF_PASSAGES = 0.25, 0.1
_OF_CHOSEN = 0.25  # of `auto_most`, up to which documents that a question is narrowed to are read whole, whatever it is
_SURE, _FRAME = 0.8, 40  # other tokenizers are not further off; tokens of a frame in a prompt
_CHARACTERS = 16  # no tokenizer puts more of a text than that into its average token


def plan(
    question: str,
    user: User,
    *,
    passages: Sequence[Passage],
    library: Library,
    lengths: Lengths,
    mode: Mode = "auto",
    budget: int | None = None,
    ceiling: int = 10_000_000,
    auto_most: int = 0,
    filters: Filters = EVERYTHING,
    deeper: Deeper | None = None,
) -> ContextPlan:
    """Return what is put before the answerer, and why; what the modes do is told at `_choose` and `_fill`.

    Args:
        question: standalone, as `auto` reads it.
        user: who asks; only documents that the library shows to this user are planned.
        passages: what the search found, best first.
        library: the documents.
        lengths: of documents and passages, in the tokens of whoever reads them.
        mode, budget: how to read; tokens for this question, None for the ceiling.
        ceiling: the most tokens that any question may use.
        auto_most: the most that `auto` spends without being asked to; 0: all there are, but not on everything.
        filters: the scope of `corpus`.
        deeper: finds further passages of documents; None: nothing does.

    Returns:
        A plan with `tokens <= budget`, the smaller of the two limits. A document that had a passage (or was in scope,
        for `corpus`) and got no place at all is in `left_out`; `reason` counts the passages that did not fit.

    Raises:
        ConfigurationError: a limit below 1.
    """
    limit = _limit(mode, budget, ceiling, auto_most)
    hits = _documents_of(passages, user, library)
    chosen, why = _choose(question, mode, hits, limit, lengths)
    if mode == "auto" and auto_most:
        chosen, why = _everything(chosen, why, limit, auto_most, user, library, filters)
    scope = _scope(hits, library.documents(user, filters.sources), filters) if chosen == "corpus" else hits
    shelf = Shelf(limit, lengths, user, library)
    reads_on = deeper if chosen != "chunks" or _fills_room(question, mode, budget) else None
    known = _fill(shelf, chosen, scope, passages, lengths, reads_on)
    left = [info for info in scope if not shelf.has(info.ref)]
    left_out = tuple(PlannedDocument(info.ref, known.get(info.ref.id, info.tokens)) for info in left)
    return _finished(chosen, why, limit, shelf.contents(), left_out)


def _limit(mode: Mode, budget: int | None, ceiling: int, auto_most: int) -> int:
    limit = ceiling if budget is None else min(budget, ceiling)
    if limit < 1:
        raise ConfigurationError(f"a token budget of {limit} is too small", "give at least 1 token")
    return min(limit, auto_most) if mode == "auto" and auto_most else limit


def _documents_of(passages: Sequence[Passage], user: User, library: Library) -> list[DocumentInfo]:
    """Return the passages' documents, best first; one that may not be read (any more) is not among them."""
    wanted = list(dict.fromkeys(passage.ref.id for passage in passages))
    readable = library.readable(wanted, user)  # access taken away since the search: not even its name may be shown
    return [readable[key] for key in wanted if key in readable]


def _choose(
    question: str, mode: Mode, hits: Sequence[DocumentInfo], limit: int, lengths: Lengths
) -> tuple[PlanMode, str]:
    """Return how to read, and why: `auto` takes passages for a pinpoint question, else documents if the best fits."""
    if mode != "auto":
        return mode, "as asked for"
    if question_scope(question) == "pinpoint":
        return "chunks", "for a pinpoint question"
    if hits and (_is_longer(hits[0], limit) or lengths.of_documents(hits[:1])[0] > limit):
        return "chunks", "for a question over whole documents, but the best document alone is over the budget"
    return "documents", "for a question over whole documents"


def _everything(
    chosen: PlanMode, why: str, limit: int, auto_most: int, user: User, library: Library, filters: Filters
) -> tuple[PlanMode, str]:
    """Return `corpus` where `auto` had better read all there is: a question asks for it, or it is short and chosen."""
    if chosen == "documents" and _fits_whole(limit, user, library, filters):
        return "corpus", "for a question over whole documents, since all of them fit"
    named = filters.documents or filters.paths
    if named and _fits_whole(min(limit, int(auto_most * _OF_CHOSEN)), user, library, filters):
        return "corpus", "since all that the question was narrowed to is short"
    return chosen, why


def _fills_room(question: str, mode: Mode, budget: int | None) -> bool:
    """Whether passages are to take all the room: it was asked for, or whole documents would have taken it."""
    return budget is not None if mode == "chunks" else question_scope(question) == "across"


def _fits_whole(limit: int, user: User, library: Library, filters: Filters) -> bool:
    """Whether everything in scope fits, by the catalog's counts, which other tokenizers are not far from."""
    if filters == Filters(sources=filters.sources):
        return 0 < library.tokens(user, filters.sources) <= limit
    allowed = (info.tokens for info in library.documents(user, filters.sources) if filters.allows(info))
    return 0 < sum(allowed) <= limit


def _is_longer(info: DocumentInfo, tokens: int) -> bool:
    """Whether the document is longer than that for sure: then it needs no counting."""
    return info.characters > tokens * _CHARACTERS


def _fill(
    shelf: Shelf,
    mode: PlanMode,
    scope: Sequence[DocumentInfo],
    passages: Sequence[Passage],
    lengths: Lengths,
    deeper: Deeper | None,
) -> dict[str, int]:
    """Fill the shelf best first.

    `chunks`: with the passages, neighbours joined. `documents`: with their documents whole while they fit, and the
    passages of the others, the best of which are sure of a place. `corpus`: with every document in scope,
    likewise. Where `deeper` finds more in documents that are not whole, that comes before what is left of the passages.

    Returns:
        the lengths of the documents that were counted, by id.
    """
    within = {info.ref.id for info in scope}
    passages = [passage for passage in passages if passage.ref.id in within]
    known: dict[str, int] = {}
    if mode == "chunks" or _are_too_many(scope, shelf.free):  # else they are not counted: that may be a server's work
        counts = lengths.of_passages(passages)  # all at once: one after the other they are known then
        if mode != "chunks" or deeper:
            for passage in _kept_room_for(scope, passages, counts, shelf.free):
                shelf.add_passage(passage)
    for start in range(0, len(scope), _BATCH) if mode != "chunks" else ():
        known |= _add_documents(shelf, scope[start : start + _BATCH], lengths)
    if deeper:
        hit = {passage.ref.id for passage in passages}
        partial = [info for info in scope if info.ref.id in hit and not shelf.is_whole(info.ref)]
        there = {info.ref.id for info in partial}
        shelf.fill([passage for passage in deeper(partial, shelf.free) if passage.ref.id in there] if partial else ())
    for passage in passages:
        shelf.add_passage(passage)
    return known


def _are_too_many(scope: Sequence[DocumentInfo], tokens: int) -> bool:
    """Whether the documents may not all fit whole, by the catalog's counts and what stands around each in a prompt."""
    return sum(info.tokens + _FRAME for info in scope) > _SURE * tokens


def _kept_room_for(
    scope: Sequence[DocumentInfo], passages: Sequence[Passage], counts: Sequence[int], budget: int
) -> list[Passage]:
    """Return the passages that are sure of a place: of each document the best one, then the second best of each.

    Args:
        scope: the documents, best first.
        passages, counts: best first, with their tokens.
        budget: tokens of the plan; the best passages of all documents have a share of it, all that are kept another.
    """
    of_document: dict[str, list[tuple[Passage, int]]] = {info.ref.id: [] for info in scope}
    for passage, tokens in zip(passages, counts, strict=True):
        of_document[passage.ref.id].append((passage, tokens))
    kept, held = [], 0
    for number, rank in enumerate(zip_longest(*filter(None, of_document.values()))):
        room = budget * (_OF_PASSAGES if number else _OF_BEST)
        for each in rank:
            if each is not None and held + each[1] <= room:
                kept.append(each[0])
                held += each[1]
    return kept


def _add_documents(shelf: Shelf, batch: Sequence[DocumentInfo], lengths: Lengths) -> dict[str, int]:
    """Put the documents that fit on the shelf, and return the lengths of those that were counted, by id."""
    counted = [info for info in batch if not _is_longer(info, shelf.room_for(info.ref))]
    known = dict(zip((info.ref.id for info in counted), lengths.of_documents(counted), strict=True))
    for info in counted:
        shelf.add_document(info, known[info.ref.id])
    return known


def _scope(hits: Sequence[DocumentInfo], readable: list[DocumentInfo], filters: Filters) -> list[DocumentInfo]:
    listed = {info.ref.id: info for info in readable if filters.allows(info)}
    ranked = [listed.pop(info.ref.id) for info in hits if info.ref.id in listed]
    return ranked + list(listed.values())


def _finished(
    mode: PlanMode, why: str, budget: int, contents: Contents, left_out: tuple[PlannedDocument, ...]
) -> ContextPlan:
    parts = []
    if contents.documents:
        whole = "the whole of " if mode == "corpus" and not left_out and not contents.passages else ""
        parts.append(f"{whole}{_count(len(contents.documents), 'document' if whole else 'whole document')}")
    if contents.passages:
        origins = len({p.passage.ref.id for p in contents.passages})
        parts.append(f"{_count(len(contents.passages), 'passage')} from {_count(origins, 'document')}")
    reason = f"{' and '.join(parts) or 'nothing'} {why}; {contents.tokens:,} of {budget:,} tokens"
    if contents.filled:
        reason += "; the room that was left holds more of where most was found"
    if contents.skipped:
        reason += f"; {_count(contents.skipped, 'passage')} did not fit"
    if left_out:
        reason += f"; {_count(len(left_out), 'document')} left out for want of room"
    if not parts and not left_out:
        reason = f"nothing found that this question could be answered from ({why}); 0 of {budget:,} tokens"
    return ContextPlan(mode, reason, budget, contents.tokens, contents.passages, contents.documents, left_out)


def with_more(planned: ContextPlan, documents: Sequence[PlannedDocument]) -> ContextPlan:
    """Return the plan with documents that it had left out and that fit after all, by a count of the whole prompt."""
    moved = {document.ref.id for document in documents}
    tokens = planned.tokens + sum(document.tokens for document in documents)
    return replace(
        planned,
        reason=f"{planned.reason}; of these, {_count(len(documents), 'document')} fitted in what an exact count left",
        tokens=tokens,
        budget=max(planned.budget, tokens),
        documents=(*planned.documents, *documents),
        left_out=tuple(document for document in planned.left_out if document.ref.id not in moved),
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
