"""What a question can be narrowed to, of what a person may read."""

from __future__ import annotations

import pytest

from assistant.catalog import Catalog, Share
from assistant.catalog.documents import NewVersion
from assistant.types import Access, DocumentInfo, DocumentRef, Metadata, User

ALL, HR = Access(frozenset({"group:everyone"})), Access(frozenset({"group:hr"}))
ANN, BOB = User("ann", frozenset({"everyone", "hr"})), User("bob", frozenset({"everyone"}))


def version(
    source: str, key: str, access: Access = ALL, modified: str = "", kind: str = "text/plain", *, flagged: bool = False
) -> NewVersion:
    ref = DocumentRef(source, key, "1", key, "", kind, access, flagged)
    info = DocumentInfo(ref, 0, 1, 100, 10, Metadata(modified=modified))
    return NewVersion(info, "m", "p", False)


@pytest.fixture
def full(catalog: Catalog) -> Catalog:
    for name in ("docs", "wiki"):
        catalog.sources.add(name, "folder", {}, {})
    for held in (
        version("docs", "readme.md", modified="2020-01-01"),
        version("docs", "hr/pay/k7.pdf", HR, "2026-01-01", "application/pdf"),
        version("docs", "hr/rules.txt", modified="2026-02-01"),
        version("docs", "it/mails.zip!/offer.txt", modified="2025-01-01"),
        version("wiki", "start.txt", modified="2024-01-01"),
        version("wiki", "secret/plan.txt", HR, "2026-03-01"),
    ):
        catalog.documents.make_current([held])
    return catalog


def test_only_what_may_be_read_is_counted(full: Catalog) -> None:
    assert full.scopes.sources(ANN) == [Share("docs", 4, 40), Share("wiki", 2, 20)]
    assert full.scopes.sources(BOB) == [Share("docs", 3, 30), Share("wiki", 1, 10)]
    assert [(one.name, one.documents) for one in full.scopes.types(ANN)] == [("text/plain", 5), ("application/pdf", 1)]
    assert [one.name for one in full.scopes.types(BOB)] == ["text/plain"]
    assert full.scopes.sources(User("eve", frozenset())) == []


def test_folders_of_two_levels_the_fullest_first(full: Catalog) -> None:
    found = [(one.source, one.name, one.documents) for one in full.scopes.folders(ANN, 10)]
    assert found[0] == ("docs", "hr", 2)
    assert sorted(found[1:]) == [
        ("docs", "hr/pay", 1),
        ("docs", "it", 1),
        ("docs", "it/mails.zip", 1),
        ("wiki", "secret", 1),
    ]
    assert [one.name for one in full.scopes.folders(BOB, 10)] == ["hr", "it", "it/mails.zip"]
    assert [one.name for one in full.scopes.folders(ANN, 1)] == ["hr"]


def test_the_newest_of_each_source_in_turn(full: Catalog) -> None:
    def keys(user: User, of_each: int, most: int) -> list[str]:
        return [info.ref.key for info in full.scopes.newest(user, of_each, most)]

    assert keys(ANN, 2, 10) == ["hr/rules.txt", "secret/plan.txt", "hr/pay/k7.pdf", "start.txt"]
    assert keys(BOB, 2, 10) == ["hr/rules.txt", "start.txt", "it/mails.zip!/offer.txt"]
    assert keys(ANN, 2, 1) == ["hr/rules.txt"]


def test_what_reads_like_orders_is_not_among_the_newest(full: Catalog) -> None:
    full.documents.make_current([version("docs", "new.txt", modified="2026-11-01", flagged=True)])
    assert "new.txt" in [info.ref.key for info in full.scopes.newest(ANN, 9, 99)]
    from sqlalchemy import update

    from assistant.catalog.models import DocumentRow

    with full.database.write() as session:
        session.execute(update(DocumentRow).where(DocumentRow.key == "new.txt").values(flagged=True))
    assert "new.txt" not in [info.ref.key for info in full.scopes.newest(ANN, 9, 99)]
