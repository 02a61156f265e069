"""Readers that are taken from many documents at once, while workers delete some of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import delete

from assistant.catalog import Catalog, Keyring
from assistant.catalog.closing import replace_readers
from assistant.catalog.documents import NewVersion
from assistant.catalog.models import DocumentRow
from assistant.types import Access, DocumentInfo, DocumentRef, document_id
from tests.fakes.databases import new_database

HR = Access(frozenset({"group:hr"}))
SECONDS = 120.0


def filled(url: str, folder: Path) -> Catalog:
    catalog = Catalog(url, Keyring(folder / "secret.key"))
    catalog.sources.add("s", "folder", {}, {})
    refs = [DocumentRef("s", key, "1", key, "", "text/plain", Access(frozenset({"everyone"}))) for key in "ab"]
    catalog.documents.make_current(
        [NewVersion(DocumentInfo(ref, 0, 1, 1, 1), "1", "p", access_from_source=True) for ref in refs]
    )
    return catalog


def test_what_is_gone_is_left_out(tmp_path: Path) -> None:
    catalog = filled(f"sqlite:///{tmp_path / 'catalog.sqlite3'}", tmp_path)
    replace_readers(catalog.database, {HR: [document_id("s", "a"), document_id("s", "gone")]})
    assert {key: known.access.allow for key, known in catalog.documents.known("s").items()} == {
        "a": HR.allow,
        "b": {"everyone"},
    }
    catalog.close()


@pytest.mark.timeout(600)
def test_what_another_transaction_deletes_meanwhile_is_left_out(tmp_path: Path, postgres: str) -> None:
    catalog = filled(new_database(postgres), tmp_path)
    both = [document_id("s", key) for key in "ab"]
    with ThreadPoolExecutor(1) as pool:
        with catalog.database.write() as session:
            session.execute(delete(DocumentRow).where(DocumentRow.id == both[1]))
            closing = pool.submit(replace_readers, catalog.database, {HR: both})
            with pytest.raises(TimeoutError):
                closing.result(1.0)  # it waits for what becomes of the other
        closing.result(SECONDS)
    assert {key: known.access.allow for key, known in catalog.documents.known("s").items()} == {"a": HR.allow}
    catalog.close()
