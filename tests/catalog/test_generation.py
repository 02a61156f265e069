"""The generation changes with everything that changes what somebody may find, and with nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.catalog import Catalog, Keyring
from assistant.catalog.documents import NewVersion
from assistant.catalog.generation import current_generation
from assistant.types import Access, DocumentInfo, DocumentRef


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    catalog = Catalog(f"sqlite:///{tmp_path / 'c.sqlite3'}", Keyring(tmp_path / "key"))
    catalog.sources.add("s", "folder", {}, {})
    return catalog


def number(catalog: Catalog) -> int:
    with catalog.database.connect() as connection:
        return current_generation(connection)


def version(key: str, mark: str) -> NewVersion:
    return NewVersion(DocumentInfo(DocumentRef("s", key, mark, key, "", "text/plain"), 0, 1, 1, 1), mark, "p", False)


def test_every_change_of_documents_begins_one(catalog: Catalog) -> None:
    documents, ref = catalog.documents, version("a", "1").info.ref
    seen = [number(catalog)]
    assert seen == [0]
    documents.make_current([version("a", "1"), version("b", "1")])
    seen.append(number(catalog))
    documents.make_current([version("a", "2")])
    seen.append(number(catalog))
    documents.set_access(ref.id, Access(frozenset({"group:hr"})))
    seen.append(number(catalog))
    documents.forget([ref.id])
    seen.append(number(catalog))
    catalog.sources.remove("s")
    seen.append(number(catalog))
    assert seen == sorted(set(seen))


def test_what_changes_no_document_begins_none(catalog: Catalog) -> None:
    documents = catalog.documents
    documents.make_current([version("a", "1")])
    before = number(catalog)
    documents.make_current([])
    documents.set_access("no such document", Access())
    documents.forget(["no such document"])
    documents.set_mark(version("a", "1").info.ref.id, "2", "p", access_from_source=False)
    assert number(catalog) == before


def test_another_process_sees_it(catalog: Catalog) -> None:
    other = Catalog(catalog.database.url, catalog.keyring)
    catalog.documents.make_current([version("a", "1")])
    assert number(other) == number(catalog) == 1
