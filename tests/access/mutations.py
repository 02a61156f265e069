"""Bugs that are planted, one at a time, to see that each of them is found: on every way at least one.

`LAYERED` are bugs in one of two checks that both would have to fail: alone they show nothing, and that is tested too.
"""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.access import Caller, Library, PageImages, PeopleDesk, standing
from assistant.access.inventory import InventoryDesk
from assistant.agent import ReadTool, SearchTool, TablesTool
from assistant.answer import Answerer, WrittenAnswerer, reading
from assistant.api import following
from assistant.app.plugging import PackDocuments
from assistant.catalog import confirming, people, readable
from assistant.catalog.documents import Documents
from assistant.catalog.people import People
from assistant.catalog.scopes import Scopes
from assistant.catalog.uploads import Uploads
from assistant.conversations import shown
from assistant.conversations.sharing import ShareDesk
from assistant.errors import NotFoundError
from assistant.evaluation import running
from assistant.evaluation.desk import QuestionDesk, ShownFeedback
from assistant.ingest import editing
from assistant.ingest.uploads import UploadDesk
from assistant.integrations.passages import Finding
from assistant.retrieval import Retriever, Shelf
from assistant.retrieval.caches import ResultKey
from assistant.retrieval.confirming import Confirmer
from assistant.types import LOCAL_OPERATOR, User
from tests.access.house import FILES
from tests.access.oracle import numbers_in
from tests.access.planting import Mutation, as_operator, becomes, both
from tests.access.world import World

SEARCHES = ("search", "search_with_context", "search_with_filters")
LAGGING = (*SEARCHES, "search_documents")


def _allowed_only(user: User, access: Any, document: str) -> bool:
    return user.reads_everything or document in user.opened or bool(user.principals & access.allow)


def _everybody_granted(patch: pytest.MonkeyPatch) -> None:
    real = readable._granted
    patch.setattr(readable, "_granted", lambda user, *, allowed: real(user, allowed=True) if allowed else _never())


def _never() -> Any:
    from sqlalchemy import false

    return false()


def _same_salt(patch: pytest.MonkeyPatch) -> None:
    real = reading.build
    patch.setattr(reading, "build", lambda *args: replace(real(*args), cache_salt="same"))


def _of_others(patch: pytest.MonkeyPatch) -> None:
    from assistant.catalog import conversations
    from assistant.catalog.models import ConversationRow

    patch.setattr(conversations, "_own", lambda session, _, conversation: session.get(ConversationRow, conversation))


def _results_for_all(patch: pytest.MonkeyPatch) -> None:
    real = running._shown
    patch.setattr(running, "_shown", lambda row, _, readable: real(row, LOCAL_OPERATOR, readable))


def _uploads_of_all(patch: pytest.MonkeyPatch) -> None:
    real = Uploads.of
    patch.setattr(Uploads, "of", lambda self, _: [*real(self, "ann"), *real(self, "bob")])


def _tells_what_is_there(patch: pytest.MonkeyPatch) -> None:
    real = Library.info

    def info(self: Library, source: str, key: str, user: User) -> Any:
        try:
            return real(self, source, key, user)
        except NotFoundError:
            real(self, source, key, LOCAL_OPERATOR)
            raise NotFoundError(f"you may not read {key!r} in {source!r}", "ask an admin") from None

    patch.setattr(Library, "info", info)


def _logs_texts(patch: pytest.MonkeyPatch) -> None:
    import logging

    real = Library.read

    def read(self: Library, source: str, key: str, user: User) -> Any:
        document = real(self, source, key, user)
        logging.getLogger("assistant").warning("read: %s", document.text)
        return document

    patch.setattr(Library, "read", read)


# What has to happen


def _stream_loses(world: World) -> None:
    """An answer is held open, and its person's group goes meanwhile."""
    person = world.oracle.people["eve"]
    world.hold_stream(person)
    world.regroup(person, "g4")
    try:
        world.end_stream()
    finally:
        world.regroup(person, "g4")


def _goes_on(world: World) -> None:
    """Somebody goes on with a conversation whose documents are closed."""
    person = world.oracle.people["ann"]
    world.count += -world.count % 3  # so that it is that conversation
    world.wait(person, world.ask(person, {"question": "And what else?", "mode": "chunks"}))
    for asked in world.told_to_models():
        assert numbers_in(str(asked.body["messages"])) <= world.oracle.seen_kept(person), "a model was told"


def _revoked(world: World) -> None:
    person = world.oracle.people["ann"]
    world.house.app.people.revoke(person.token, world.house.user("ann"))
    former, person.token = person.token, world.house.new_token("ann")
    with world.house.signed_in(former):
        assert world.house.client.get("/api/documents").status_code == 401, "a revoked token signs in"


def _unshared(world: World) -> None:
    """What was shared with all is shared with nobody."""
    identity = ("uploads-bob", "zq900010q.txt")
    world.share_upload(identity, ["everyone"])
    world.sync("uploads-bob")
    world.share_upload(identity, [])


def _ruled(world: World) -> None:
    """A rule takes away what it gave, before any sync."""
    world.set_rules(("everyone",), [])
    world.sync(FILES)
    world.set_rules(("g3",), [])


def _expired(world: World) -> None:
    """What a break-glass act opened is closed again."""
    person = world.oracle.people["cat"]
    closed = sorted(world.oracle.held.keys() - world.oracle.readable(person))[0]
    world.break_glass(person, closed)
    world.break_glass(person, closed)


def _removed(world: World) -> None:
    world.remove_file(next(one for one in sorted(world.files) if one.startswith("a/")))
    world.sync(FILES)


def _switched(world: World) -> None:
    """A request of somebody who is disabled is refused."""
    person = world.oracle.people["bob"]
    world.switch(person)
    try:
        with world.house.signed_in(person.token):
            assert world.house.client.get("/api/documents").status_code == 401, "a disabled person signs in"
    finally:
        world.switch(person)


class _Early(SimpleNamespace):
    """A clock that is two hours late."""

    @staticmethod
    def time() -> float:
        return time.time() - 7200


UNGUARDED = becomes(standing.Standing, "check", lambda *_, **__: None)
MUTATIONS: tuple[Mutation, ...] = (
    Mutation("searches are made as the operator", as_operator(Retriever, "explained"), (*SEARCHES, "search_again")),
    Mutation("hits are confirmed as for the operator, and the index lags", as_operator(Library, "readable"), LAGGING),
    Mutation(
        "a denied principal does not win (single documents)",
        becomes(confirming, "may_read", _allowed_only),
        ("text", "search"),
    ),
    Mutation(
        "a denied principal does not win (lists)",
        _everybody_granted,
        ("listed_documents", "listed_documents_of_a_source", "what_there_is"),
    ),
    Mutation(
        "lists are made as for the operator",
        both(as_operator(Library, "documents"), as_operator(InventoryDesk, "readable")),
        ("listed_documents", "listed_documents_of_a_source", "documents_looked_for", "tool_tables"),
    ),
    Mutation("chunks are read as by the operator", as_operator(Library, "chunks"), ("chunks",)),
    Mutation("layouts are looked up as for the operator", as_operator(PageImages, "layout"), ("layout",)),
    Mutation(
        "what could be asked is made as for the operator",
        both(as_operator(Scopes, "newest"), as_operator(Library, "outlines")),
        ("to_ask_about",),
    ),
    Mutation("counts are made as for the operator", as_operator(Library, "count"), ("what_there_is",)),
    Mutation(
        "texts are read as by the operator",
        as_operator(Library, "read"),
        ("text", "window_of_text", "page", "pictures", "picture", "blocks", "tool_read", "mcp_read"),
    ),
    Mutation("a picture is read as by the operator", as_operator(Library, "picture"), ("picture",)),
    Mutation("pages are drawn as for the operator", as_operator(PageImages, "image"), ("page_image", "thumbnail")),
    Mutation("originals are handed out as by the operator", as_operator(Library, "original"), ("original",)),
    Mutation("documents are searched for as by the operator", as_operator(Shelf, "find"), ("search_documents",)),
    Mutation("boxes are looked up as for the operator", as_operator(PageImages, "boxes"), ("boxes",)),
    Mutation(
        "pictures are searched as by the operator", as_operator(Retriever, "search_pictures"), ("search_pictures",)
    ),
    Mutation(
        "pictures are searched by a picture as by the operator",
        as_operator(Retriever, "search_by_picture"),
        ("search_by_picture",),
    ),
    Mutation(
        "results are kept for all, and not confirmed again",
        both(
            becomes(ResultKey, "reader_of", staticmethod(lambda _: None)),
            becomes(Confirmer, "still_holds", lambda *_: True),
        ),
        ("search_again",),
    ),
    Mutation("a refusal tells that there is a document", _tells_what_is_there, ("text", "boxes", "page_image")),
    Mutation(
        "answers are planned as for the operator",
        both(as_operator(WrittenAnswerer, "stream"), UNGUARDED),
        ("ask", "ask_everything", "ask_with_tools", "ask_compatibly", "mcp_ask", "planned"),
    ),
    Mutation(
        "sentences are quoted as for the operator",
        both(as_operator(Answerer, "stream"), UNGUARDED),
        ("ask_without_a_model",),
    ),
    Mutation("the salt of prompts is always the same", _same_salt, ("ask_everything",)),
    Mutation(
        "old answers are not withdrawn",
        becomes(shown, "withdraw", lambda text, *_: text),
        ("conversation", "export", "turns", "stop_and_rename"),
    ),
    Mutation(
        "old plans name closed documents",
        becomes(shown, "_without_hidden", lambda plan, _: (plan, 0)),
        ("conversation", "export", "turns"),
    ),
    Mutation(
        "old calls keep what they found",
        becomes(shown, "without_words", lambda use: use),
        ("conversation", "export", "turns"),
    ),
    Mutation("who shares a conversation shares its answers", as_operator(ShareDesk, "read"), ("shared",)),
    Mutation("conversations of others are shown", _of_others, ("conversation", "export", "turns")),
    Mutation(
        "the model is told old answers as they were", becomes(shown, "withdraw", lambda text, *_: text), (), _goes_on
    ),
    Mutation(
        "running answers are not looked at again",
        both(UNGUARDED, becomes(following._Reading, "_reads_all", lambda _: True)),
        (),
        _stream_loses,
    ),
    Mutation(
        "groups are those of when the answer began", becomes(People, "now", lambda _, user: user), (), _stream_loses
    ),
    Mutation(
        "groups in groups are left out",
        becomes(people, "closed", lambda _, names: frozenset(names)),
        ("listed_documents", "search"),
    ),
    Mutation(
        "results are kept for all", becomes(ResultKey, "reader_of", staticmethod(lambda _: None)), ("search_again",)
    ),
    Mutation("breaking glass never ends", becomes(people, "time", _Early), ("text", "listed_documents"), _expired),
    Mutation("disabled people sign in", lambda patch: patch.setattr(PeopleDesk, "sign_in", _signs_in), (), _switched),
    Mutation("revoked tokens sign in", lambda patch: patch.setattr(PeopleDesk, "sign_in", _signs_in), (), _revoked),
    Mutation(
        "the MCP server calls as the operator",
        becomes(Caller, "may", lambda *_: LOCAL_OPERATOR),
        ("mcp_search", "mcp_read", "mcp_ask"),
    ),
    Mutation("the tool `search` runs as the operator", as_operator(SearchTool, "run"), ("tool_search",)),
    Mutation("the tool `read_document` runs as the operator", as_operator(ReadTool, "run"), ("tool_read",)),
    Mutation("the tool `tables` runs as the operator", as_operator(TablesTool, "run"), ("tool_tables",)),
    Mutation(
        "packs read as the operator",
        both(*(as_operator(PackDocuments, name) for name in ("page", "read", "search"))),
        ("tools_of_a_pack",),
    ),
    Mutation(
        "retrievers for other programs search as the operator",
        lambda patch: patch.setattr(Finding, "__call__", _found_by_operator),
        ("retrievers",),
    ),
    Mutation(
        "admins see feedback on what they may not read",
        becomes(QuestionDesk, "_shown", lambda _, record, __: ShownFeedback(record, withheld=False)),
        ("feedback_and_questions",),
    ),
    Mutation(
        "admins see questions on what they may not read",
        becomes(QuestionDesk, "_names", lambda *_: None),
        ("feedback_and_questions",),
    ),
    Mutation("admins see results of evaluations on what they may not read", _results_for_all, ("evaluations",)),
    Mutation("uploads of others are listed", _uploads_of_all, ("own_uploads",)),
    Mutation(
        "what is shared no more stays until the next sync",
        becomes(UploadDesk, "_withdraw", lambda *_: None),
        ("text", "listed_documents"),
        _unshared,
        spoils=True,
    ),
    Mutation(
        "what a rule takes away stays until the next sync",
        becomes(editing, "_take_away", lambda *_: None),
        ("text", "listed_documents"),
        _ruled,
        spoils=True,
    ),
    Mutation(
        "what is in an archive keeps its readers",
        becomes(Documents, "below_all", lambda *_: []),
        ("text", "listed_documents"),
        _ruled,
        spoils=True,
    ),
    Mutation(
        "what is deleted stays",
        becomes(Documents, "forget", lambda *_: {}),
        ("text", "listed_documents"),
        _removed,
        spoils=True,
    ),
    Mutation("texts are logged", _logs_texts, ("text",)),
)
LAYERED: tuple[Mutation, ...] = (
    Mutation(
        "answers are planned as for the operator, and looked at while they are written",
        as_operator(WrittenAnswerer, "stream"),
        ("ask_everything", "mcp_ask"),
    ),
    Mutation(
        "sentences are quoted as for the operator, and looked at",
        as_operator(Answerer, "stream"),
        ("ask_without_a_model",),
    ),
    Mutation(
        "kept results are not confirmed again",
        becomes(Confirmer, "still_holds", lambda *_: True),
        ("search", "search_again"),
    ),
    Mutation("outlines are read as by the operator", as_operator(Library, "outlines"), ("search_with_context",)),
    Mutation("texts of prompts are read as by the operator", as_operator(Library, "own_texts"), ("ask_everything",)),
)


def _signs_in(self: PeopleDesk, token: str) -> Caller:
    found = self._found(token)
    assert found is not None
    return Caller(found[1].user, frozenset(found[0].scopes))


def _found_by_operator(self: Finding, query: str) -> Any:
    return self._app.retriever.search(query, LOCAL_OPERATOR, self._limit, self._filters)
