"""Suspicions: kept with a document's bytes, counted once, taken back by a review, and shown at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.catalog import Catalog, Found, Keyring
from assistant.catalog.documents import NewVersion
from assistant.injection import NOTHING_FOUND, Judgement
from assistant.types import Access, DocumentInfo, DocumentRef, User

ANN = User("ann", frozenset({"everyone"}))
BAD = Judgement(0.8, {"override": 1, "hidden:pale": 40})
MILD = Judgement(0.3, {"send": 1})


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(f"sqlite:///{tmp_path / 'c.sqlite3'}", Keyring(tmp_path / "key"))
    catalog.sources.add("s", "folder", {}, {})
    yield catalog
    catalog.close()


def store(catalog: Catalog, key: str, version: str = "1") -> DocumentRef:
    ref = DocumentRef("s", key, version, key, "", "text/plain", Access(frozenset({"group:everyone"})))
    catalog.documents.make_current([NewVersion(DocumentInfo(ref, 0, 1, 1, 1), None, "p", access_from_source=False)])
    return ref


def flagged(catalog: Catalog, ref: DocumentRef) -> bool:
    (listed,) = [info.ref.flagged for info in catalog.documents.page(ANN) if info.ref.id == ref.id]
    assert catalog.documents.readable([ref.id], ANN)[ref.id].ref.flagged == listed
    return listed


def note(catalog: Catalog, ref: DocumentRef, judgement: Judgement, content: str = "a") -> None:
    catalog.suspicions.note([Found(ref.id, judgement, content, "run")])


def test_a_flagged_document_is_listed_and_known_as_such_until_somebody_looked(catalog: Catalog) -> None:
    bad, mild, clean = (store(catalog, key) for key in ("bad", "mild", "clean"))
    assert not flagged(catalog, bad)
    note(catalog, bad, BAD)
    note(catalog, mild, MILD)
    note(catalog, clean, NOTHING_FOUND)
    assert [flagged(catalog, ref) for ref in (bad, mild, clean)] == [True, False, False]
    (found,) = catalog.suspicions.all()
    assert (found.source, found.key, found.score, found.signs, found.flagged) == ("s", "bad", 0.8, BAD.signs, True)
    assert [one.key for one in catalog.suspicions.all(least=0.0)] == ["bad", "mild"]
    assert catalog.suspicions.all(["other"]) == []
    assert catalog.suspicions.review("s", "bad", "root")
    assert not flagged(catalog, bad)
    assert catalog.suspicions.all() == []
    (looked,) = catalog.suspicions.all(reviewed=True)
    assert (looked.reviewed_by, looked.flagged, looked.reviewed_at is None) == ("root", False, False)
    assert not catalog.suspicions.review("s", "clean", "root")


def test_a_review_holds_for_the_same_bytes_only(catalog: Catalog) -> None:
    ref = store(catalog, "bad")
    note(catalog, ref, BAD)
    catalog.suspicions.review("s", "bad", "root")
    note(catalog, store(catalog, "bad", "2"), BAD)  # parsed anew
    assert not flagged(catalog, ref)
    note(catalog, ref, BAD, content="b")
    assert flagged(catalog, ref)
    note(catalog, ref, NOTHING_FOUND, content="c")
    assert not flagged(catalog, ref)
    assert catalog.suspicions.all(least=0.0, reviewed=True) == []


def test_a_document_that_is_gone_is_not_noted_and_takes_its_suspicion_along(catalog: Catalog) -> None:
    ref = store(catalog, "bad")
    note(catalog, ref, BAD)
    catalog.documents.forget([ref.id])
    note(catalog, ref, BAD)
    assert catalog.suspicions.all() == []
