"""Who may read a document is answered from memory until anything changes, and never longer."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import event

from assistant.catalog import Catalog
from assistant.catalog.confirming import Confirming
from assistant.types import LOCAL_OPERATOR, Access, User
from tests.catalog.test_catalog import version

ANN = User("ann", frozenset({"hr"}))
HR = Access(frozenset({"group:hr"}))


@pytest.fixture
def source(catalog: Catalog) -> Catalog:
    catalog.sources.add("s", "folder", {"path": "/x"}, {"default": ["everyone"]})
    catalog.documents.make_current([version("a", HR), version("b", HR)])
    return catalog


def ids(*keys: str) -> list[str]:
    return [version(key).info.ref.id for key in keys]


def statements(catalog: Catalog, call) -> list[str]:
    said: list[str] = []

    def note(_connection, _cursor, statement, *_):
        said.append(statement)

    event.listen(catalog.database.engine, "before_cursor_execute", note)
    try:
        call()
    finally:
        event.remove(catalog.database.engine, "before_cursor_execute", note)
    return [statement for statement in said if statement.startswith("SELECT")]


def test_what_has_not_changed_is_not_read_again(source: Catalog) -> None:
    first = source.documents.readable(ids("a", "b"), ANN)
    assert [info.ref.key for info in first.values()] == ["a", "b"]
    said = statements(source, lambda: source.documents.readable(ids("b", "a"), LOCAL_OPERATOR))
    assert len(said) == 1
    assert "generations" in said[0]


def test_rights_are_those_of_who_asks(source: Catalog) -> None:
    assert set(source.documents.readable(ids("a", "b"), LOCAL_OPERATOR)) == set(ids("a", "b"))
    assert source.documents.readable(ids("a", "b"), User("bob")) == {}
    source.documents.set_access(ids("a")[0], Access(frozenset({"group:hr"}), frozenset({"user:ann"})))
    assert set(source.documents.readable(ids("a", "b"), ANN)) == set(ids("b"))


def test_every_change_holds_at_once_and_in_other_processes(source: Catalog) -> None:
    other = Catalog(source.database.url, source.keyring)
    (a,), (b,) = ids("a"), ids("b")
    assert set(other.documents.readable([a, b], ANN)) == {a, b}
    source.documents.set_access(a, Access(frozenset({"group:sales"})))
    assert set(other.documents.readable([a, b], ANN)) == {b}
    source.documents.make_current([version("b", HR, "v2")])
    assert other.documents.readable([b], ANN)[b].ref.version == "v2"
    source.documents.forget([b])
    assert other.documents.readable([b], ANN) == {}
    source.documents.make_current([version("b", HR, "v3")])
    assert other.documents.readable([b], ANN)[b].ref.version == "v3"
    source.sources.remove("s")
    assert other.documents.readable([a, b], LOCAL_OPERATOR) == {}
    other.close()


def test_what_is_kept_does_not_grow_without_end(source: Catalog) -> None:
    confirming = Confirming(source.database, most=1)
    for _ in range(2):
        assert set(confirming.readable(ids("a", "b", "missing"), ANN)) == set(ids("a", "b"))
        assert len(confirming._kept.documents) == 1


def test_threads_see_no_right_that_was_taken_away_before_they_asked(source: Catalog) -> None:
    (a,) = ids("a")
    wrong: list[str] = []
    over = threading.Event()
    public = threading.Event()
    gate = threading.Lock()

    def ask() -> None:
        while not over.is_set():
            with gate:
                expected = public.is_set()
                found = a in source.documents.readable([a], User("bob", frozenset({"everyone"})))
            if found != expected:
                wrong.append(f"{expected} {found}")

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(20):
        with gate:
            source.documents.set_access(a, Access() if number % 2 else HR)
            (public.set if number % 2 else public.clear)()
    over.set()
    for thread in threads:
        thread.join()
    assert wrong == []
