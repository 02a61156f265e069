"""Checks on how a source hands out documents, their readers, and how it behaves in trouble."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from assistant.errors import (
    AssistantError,
    DocumentUnreadableError,
    NotFoundError,
    SourceError,
    SourceUnreachableError,
)
from assistant.plugin_kit.checks import CheckFailedError, Scene, check, fill, listed, require, shown
from assistant.types import Access, Checkpoint, RawDocument

_OUTSIDE = ("../outside.txt", "a/../../outside.txt", "/etc/hostname", "")
_LARGE = 3_000_000  # bytes


@check("source")
def fetch_returns_the_bytes(scene: Scene) -> None:
    """`fetch` returns a RawDocument with exactly the bytes that are there."""
    scene.put("a.bin", bytes(range(256)))
    raw = scene.source().fetch("a.bin")
    require(isinstance(raw, RawDocument), f"`fetch` returned a {type(raw).__name__}")
    require(raw.data == bytes(range(256)), "the bytes are not those that are there")


@check("source")
def fetch_names_the_document(scene: Scene) -> None:
    """A fetched document has the key that was asked for, a title, an address, and its type as a text."""
    fill(scene, "deep/a.txt")
    raw = scene.source().fetch("deep/a.txt")
    require(raw.key == "deep/a.txt", f"it has the key {raw.key!r}")
    require(isinstance(raw.title, str) and raw.title.strip(), "it has no title")
    require(isinstance(raw.uri, str) and raw.uri.strip(), "it has no address (`uri`) that a reader could open")
    require(isinstance(raw.media_type, str), "its type is no text; an empty one is found out from the name")


@check("source")
def fetch_is_current(scene: Scene) -> None:
    """`fetch` returns what is there now, not what was there when the source was listed."""
    scene.put("a.txt", b"one")
    source = scene.source()
    listed(source.changes(None))
    source.fetch("a.txt")
    scene.put("a.txt", b"two!")
    require(source.fetch("a.txt").data == b"two!", "it returned an old content")


@check("source")
def fetch_needs_no_listing(scene: Scene) -> None:
    """A new source fetches without having listed: another process does so."""
    fill(scene, "a.txt")
    require(scene.source().fetch("a.txt").data == b"the text of a.txt\n", "the bytes are not those that are there")


@check("source")
def fetching_twice_is_the_same(scene: Scene) -> None:
    """Fetching has no effect: the second time returns the same."""
    fill(scene, "a.txt")
    source = scene.source()
    require(source.fetch("a.txt") == source.fetch("a.txt"), "the second fetch returned something else")


@check("source")
def fetch_works_in_threads(scene: Scene) -> None:
    """Several threads may fetch at once, each its own document."""
    keys = [f"{number}.txt" for number in range(12)]
    fill(scene, *keys)
    source = scene.source()
    with ThreadPoolExecutor(4) as threads:
        found = [raw.data for raw in threads.map(source.fetch, keys)]
    require(found == [f"the text of {key}\n".encode() for key in keys], "documents were mixed up between threads")


@check("source")
def empty_documents_are_handed_out(scene: Scene) -> None:
    """A document without a byte is one."""
    scene.put("empty.txt", b"")
    require("empty.txt" in listed(scene.source().changes(None)), "it is not listed")
    require(scene.source().fetch("empty.txt").data == b"", "it has bytes")


@check("source")
def large_documents_are_whole(scene: Scene) -> None:
    """A document of some megabytes is handed out whole."""
    data = os.urandom(1000) * (_LARGE // 1000)
    scene.put("large.bin", data)
    require(scene.source().fetch("large.bin").data == data, "its bytes are not those that are there")


@check("source")
def removed_documents_are_not_found(scene: Scene) -> None:
    """Fetching what was removed raises NotFoundError."""
    fill(scene, "a.txt")
    source = scene.source()
    source.fetch("a.txt")
    scene.remove("a.txt")
    _raises(NotFoundError, lambda: source.fetch("a.txt"), "a removed document")


@check("source")
def unknown_keys_are_not_found(scene: Scene) -> None:
    """Fetching a key that never was raises NotFoundError."""
    _raises(NotFoundError, lambda: scene.source().fetch("never/was.txt"), "a key that never was")


@check("source")
def keys_do_not_lead_out(scene: Scene) -> None:
    """A key that points out of the source is not found."""
    for key in _OUTSIDE:
        _raises(NotFoundError, partial(scene.source().fetch, key), f"the key {key!r}")


@check("source")
def readers_are_principals(scene: Scene) -> None:
    """`access` is None, where the source knows no rights, or an Access of `group:NAME` and `user:ID`."""
    fill(scene, "a.txt")
    access = scene.source().fetch("a.txt").access
    if access is not None:
        require(isinstance(access, Access), f"access is a {type(access).__name__}")
        odd = [one for one in access.allow | access.deny if not one.startswith(("group:", "user:"))]
        require(not odd, f"these are no principals: {sorted(odd)}")


@check("source", "set_readers")
def readers_are_those_of_the_source(scene: Any) -> None:
    """`fetch` returns the readers that the source has for the document, denied ones too."""
    fill(scene, "a.txt")
    deny = {"user:bob"} if getattr(scene, "denies", True) else set()
    scene.set_readers("a.txt", {"group:hr", "user:ann"}, deny)
    access = scene.source().fetch("a.txt").access
    require(access == Access(frozenset({"group:hr", "user:ann"}), frozenset(deny)), f"it returned {access}")


@check("source", "set_readers")
def nobody_is_not_everybody(scene: Any) -> None:
    """A document that nobody may read is readable for nobody: neither None nor everyone."""
    fill(scene, "a.txt")
    scene.set_readers("a.txt", set(), set())
    access = scene.source().fetch("a.txt").access
    require(access is not None and not access.allow, f"it returned {access}")


@check("source", "set_readers")
def changed_readers_change_the_version(scene: Any) -> None:
    """Other readers are another version, or are listed themselves, so that the next sync brings them."""
    fill(scene, "a.txt")
    seen = []
    for group in ("group:hr", "group:it"):
        scene.set_readers("a.txt", {group}, set())
        changes = list(scene.source().changes(None))
        seen.append((listed(changes)["a.txt"], shown(changes)["a.txt"]))
    require(seen[0][0] is None or seen[0] != seen[1], f"the listing stayed {seen[0]}: the right would stay as it was")


@check("source")
def listed_readers_are_those_of_the_document(scene: Scene) -> None:
    """Readers that a listing tells are those that `fetch` returns."""
    fill(scene, "a.txt", "b.txt")
    if hasattr(scene, "set_readers"):
        scene.set_readers("a.txt", {"group:hr"}, set())
    source = scene.source()
    for key, access in shown(source.changes(None)).items():
        found = source.fetch(key).access
        require(access is None or access == found, f"{key} is listed with {access}, and fetched with {found}")


@check("source", "refuse")
def refused_documents_are_unreadable_and_stay(scene: Any) -> None:
    """A document that is not handed out is an error of that document, and still listed; others come."""
    fill(scene, "a.txt", "b.txt")
    scene.refuse("a.txt")
    source = scene.source()
    require(set(listed(source.changes(None))) == {"a.txt", "b.txt"}, "it is not listed: it would be deleted")
    _raises(DocumentUnreadableError, lambda: source.fetch("a.txt"), "a document that is not handed out")
    require(source.fetch("b.txt").data, "another document cannot be fetched either")


@check("source", "throttle")
def too_many_requests_are_waited_out(scene: Any) -> None:
    """A server that asks for patience is asked again, or the error can be retried; nothing is taken for deleted."""
    fill(scene, "a.txt", "b.txt")
    scene.throttle(2)
    try:
        found = set(listed(scene.source().changes(None)))
    except AssistantError as error:
        require(error.retryable, f"{type(error).__name__} is not retryable: raise SourceUnreachableError")
        return
    require(found == {"a.txt", "b.txt"}, f"it listed {sorted(found)} and no error")


@check("source", "throttle")
def throttled_documents_are_not_lost(scene: Any) -> None:
    """A document whose server asks for patience comes in the end, or with an error that can be retried."""
    fill(scene, "a.txt")
    source = scene.source()
    scene.throttle(2)
    try:
        data = source.fetch("a.txt").data
    except AssistantError as error:
        require(error.retryable, f"{type(error).__name__} is not retryable")
        return
    require(data == b"the text of a.txt\n", "the server's refusal was taken for the document")


@check("source", "down")
def a_server_that_is_down_is_unreachable(scene: Any) -> None:
    """Where the server does not answer, listing raises SourceUnreachableError, and nothing counts as deleted."""
    fill(scene, "a.txt")
    source = scene.source()
    scene.down(True)
    whole = []
    try:
        whole = [one for one in source.changes(None) if isinstance(one, Checkpoint) and one.complete]
    except SourceUnreachableError:
        return
    except Exception as error:
        raise CheckFailedError(f"it raised {type(error).__name__} and not SourceUnreachableError: {error}") from error
    require(not whole, "it listed nothing and said that this is all: every document would be deleted")
    raise CheckFailedError("it raised nothing")


@check("source", "down")
def a_document_of_a_server_that_is_down_is_not_gone(scene: Any) -> None:
    """Fetching from a server that does not answer raises a retryable error, and never NotFoundError, which deletes."""
    fill(scene, "a.txt")
    source = scene.source()
    scene.down(True)
    try:
        source.fetch("a.txt")
    except AssistantError as error:
        require(error.retryable, f"{type(error).__name__} is not retryable: {error}")
    else:
        raise CheckFailedError("it returned a document though the server does not answer")


@check("source", "down")
def it_recovers(scene: Any) -> None:
    """The same source works again when its server does."""
    fill(scene, "a.txt")
    source = scene.source()
    scene.down(True)
    with contextlib.suppress(Exception):  # another check says what it has to be
        list(source.changes(None))
    scene.down(False)
    require(set(listed(source.changes(None))) == {"a.txt"}, "it does not list after its server was down")


@check("source", "damage")
def rubbish_is_an_error_of_the_source(scene: Any) -> None:
    """Answers that make no sense raise SourceError; nothing counts as deleted."""
    fill(scene, "a.txt")
    source = scene.source()
    scene.damage(True)
    try:
        changes = list(source.changes(None))
    except SourceError:
        return
    except Exception as error:
        raise CheckFailedError(f"it raised {type(error).__name__} and not SourceError: {error}") from error
    require(
        not any(isinstance(one, Checkpoint) and one.complete for one in changes), "rubbish was taken for all there is"
    )
    raise CheckFailedError("it raised nothing")


@check("source", "secret")
def secrets_are_in_no_text_of_the_source(scene: Any) -> None:
    """Neither keys, versions, cursors, titles and addresses nor `repr` show the secret."""
    fill(scene, "a.txt")
    source = scene.source()
    texts = [repr(source), str(list(source.changes(None)))]
    raw = source.fetch("a.txt")
    texts += [raw.key, raw.title, raw.uri, raw.media_type]
    for text in texts:
        require(scene.secret not in text, f"the secret stands in {text.replace(scene.secret, '[secret]')[:200]!r}")


@check("source", "secret", "down")
def secrets_are_in_no_error(scene: Any) -> None:
    """Errors do not show the secret, nor do their causes."""
    fill(scene, "a.txt")
    source = scene.source()
    scene.down(True)
    for do in (lambda: list(source.changes(None)), lambda: source.fetch("a.txt")):
        try:
            do()
        except Exception as raised:  # noqa: BLE001 (whatever it is, its text counts)
            error: BaseException | None = raised
            while error is not None:
                require(scene.secret not in f"{error} {error.args}", f"a {type(error).__name__} shows the secret")
                error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


@check("source")
def the_process_stays_as_it_is(scene: Scene) -> None:
    """Neither the working directory nor the environment is changed."""
    fill(scene, "a.txt")
    before = (Path.cwd(), dict(os.environ))
    source = scene.source()
    list(source.changes(None))
    source.fetch("a.txt")
    require((Path.cwd(), dict(os.environ)) == before, "it changed the working directory or the environment")


def _raises(kind: type[AssistantError], do: Callable[[], object], what: str) -> None:
    try:
        do()
    except kind:
        return
    except Exception as error:
        raise CheckFailedError(f"{what} raised {type(error).__name__} and not {kind.__name__}: {error}") from error
    raise CheckFailedError(f"{what} was handed out, where {kind.__name__} has to be raised")
