"""Chooses what a question gets to read within a token budget: passages, whole documents or everything."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.context.library import Library
from assistant.context.questions import question_scope
from assistant.context.shelf import Contents, CountTokens, Shelf
from assistant.errors import ConfigurationError, NotFoundError
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


def plan(
    question: str,
    user: User,
    *,
    passages: Sequence[Passage],
    library: Library,
    count_tokens: CountTokens,
    mode: Mode = "auto",
    budget: int | None = None,
    ceiling: int = 10_000_000,
    filters: Filters = EVERYTHING,
) -> ContextPlan:
    """Return what is put before the answerer, and why.

    `chunks`: the passages, best first, neighbours joined. `documents`: their documents whole, best first, while they
    fit; the others as passages. `corpus`: every document that the user may read; if not all fit, those of the best
    passages come first, and one of them that is too long is there with its passages. `auto`: `chunks` for a pinpoint
    question, `documents` for one over whole documents if the best one fits.

    Args:
        question: standalone, as `auto` reads it.
        user: who asks; only documents that the library shows to this user are planned.
        passages: what the search found, best first.
        library: texts of documents, and their lengths as the catalog counted them.
        count_tokens: lengths of passages, in the catalog's tokens.
        mode, budget: as above; tokens for this question, None for the ceiling.
        ceiling: the most tokens that any question may use.
        filters: the scope of `corpus`.

    Returns:
        A plan with `tokens <= budget`, the smaller of the two limits. A document that had a passage (or was in scope,
        for `corpus`) and got no place at all is in `left_out`; `reason` counts the passages that did not fit.

    Raises:
        ConfigurationError: a limit below 1.
    """
    limit = ceiling if budget is None else min(budget, ceiling)
    if limit < 1:
        raise ConfigurationError(f"a token budget of {limit} is too small", "give at least 1 token")
    shelf = Shelf(limit, count_tokens, user, library)
    hits = _documents_of(passages, user, library)
    chosen, why = _choose(question, mode, hits, limit)
    scope = list(hits.values())
    if chosen == "corpus":
        scope = _scope(hits, library.documents(user, filters.sources), filters)
    within = {info.ref.id for info in scope}
    _fill(shelf, chosen, scope, [p for p in passages if p.ref.id in within])
    left_out = tuple(PlannedDocument(info.ref, info.tokens) for info in scope if not shelf.has(info.ref))
    return _finished(chosen, why, limit, shelf.contents(), left_out)


def _documents_of(passages: Sequence[Passage], user: User, library: Library) -> dict[str, DocumentInfo]:
    """Return the passages' documents by id, best first; one that may not be read (any more) is not among them."""
    found: dict[str, DocumentInfo] = {}
    gone: set[str] = set()
    for passage in passages:
        key = passage.ref.id
        if key in found or key in gone:
            continue
        try:
            found[key] = library.info(passage.ref.source, passage.ref.key, user)
        except NotFoundError:
            gone.add(key)  # access was taken away since the search: not even its name may be shown
    return found


def _choose(question: str, mode: Mode, hits: dict[str, DocumentInfo], limit: int) -> tuple[PlanMode, str]:
    if mode != "auto":
        return mode, "as asked for"
    if question_scope(question) == "pinpoint":
        return "chunks", "for a pinpoint question"
    best = next(iter(hits.values()), None)
    if best is not None and best.tokens > limit:
        return "chunks", "for a question over whole documents, but the best document alone is over the budget"
    return "documents", "for a question over whole documents"


def _fill(shelf: Shelf, mode: PlanMode, scope: Sequence[DocumentInfo], passages: Sequence[Passage]) -> None:
    """Fill the shelf best first: with passages, or with whole documents and the passages of those that do not fit."""
    if mode == "chunks":
        for passage in passages:
            shelf.add_passage(passage)
        return
    of_document: dict[str, list[Passage]] = {}
    for passage in passages:
        of_document.setdefault(passage.ref.id, []).append(passage)
    for info in scope:
        if not shelf.add_document(info):
            for passage in of_document.get(info.ref.id, ()):
                shelf.add_passage(passage)


def _scope(hits: dict[str, DocumentInfo], readable: list[DocumentInfo], filters: Filters) -> list[DocumentInfo]:
    listed = {info.ref.id: info for info in readable if filters.allows(info)}
    ranked = [listed.pop(key) for key in hits if key in listed]
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
    if contents.skipped:
        reason += f"; {_count(contents.skipped, 'passage')} did not fit"
    if left_out:
        reason += f"; {_count(len(left_out), 'document')} left out for want of room"
    if not parts and not left_out:
        reason = f"nothing found that this question could be answered from ({why}); 0 of {budget:,} tokens"
    return ContextPlan(mode, reason, budget, contents.tokens, contents.passages, contents.documents, left_out)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
