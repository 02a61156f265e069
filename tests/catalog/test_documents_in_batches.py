"""Many documents made current at once: few statements, and the same end as one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from assistant.catalog import Catalog
from assistant.catalog.documents import NewVersion
from assistant.types import LOCAL_OPERATOR, Access, DocumentInfo, DocumentRef, document_id

SOURCE = "s"
ALL = Access(frozenset({"*"}))
HR = Access(frozenset({"group:hr"}), frozenset({"bob"}))


def version(key: str, name: str = "1", access: Access = ALL, parent: str | None = None) -> NewVersion:
    info = DocumentInfo(DocumentRef(SOURCE, key, name, key, "", "text/plain", access), 0, 1, 1, 1)
    return NewVersion(info, "m", "p", False, parent)


@contextmanager
def statements(catalog: Catalog) -> Iterator[list[str]]:
    """Collect the statements that are sent to the database."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(catalog.database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(catalog.database.engine, "before_cursor_execute", note)


def readers(catalog: Catalog) -> dict[str, Access]:
    return {info.ref.key: info.ref.access for info in catalog.documents.page(LOCAL_OPERATOR)}


def test_a_batch_takes_few_statements(catalog: Catalog) -> None:
    catalog.sources.add(SOURCE, "folder", {}, {})
    for name in ("1", "2"):
        with statements(catalog) as sent:
            catalog.documents.make_current([version(f"{number:03}", name) for number in range(200)])
        assert len(sent) < 20, sent
        assert set(catalog.documents.current_versions().values()) == {name}
    assert readers(catalog) == {f"{number:03}": ALL for number in range(200)}


def test_other_readers_are_stored_and_the_same_ones_stay(catalog: Catalog) -> None:
    catalog.sources.add(SOURCE, "folder", {}, {})
    catalog.documents.make_current([version("a"), version("b")])
    stored = catalog.documents.make_current([version("a", "2", HR), version("b", "2"), version("c", "1", HR)])
    wanted = {"a": HR, "b": ALL, "c": HR}
    assert readers(catalog) == wanted
    assert stored == {document_id(SOURCE, key): access for key, access in wanted.items()}


def test_a_member_in_the_same_batch_gets_its_parents_new_readers(catalog: Catalog) -> None:
    catalog.sources.add(SOURCE, "folder", {}, {})
    parent = document_id(SOURCE, "a")
    catalog.documents.make_current([version("a")])
    catalog.documents.make_current([version("a/x", parent=parent), version("a/y", parent=parent)])
    kept = NewVersion(version("a", "2", HR).info, "m", "p", False, members=(("a/x", "d"), ("a/y", "d")), run_id="r")
    stored = catalog.documents.make_current([kept, version("a/x", "2", ALL, parent)])
    assert readers(catalog) == {"a": HR, "a/x": HR, "a/y": HR}
    assert stored == {document_id(SOURCE, key): HR for key in ("a", "a/x", "a/y")}
