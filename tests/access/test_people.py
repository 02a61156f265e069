"""People, their groups and tokens: who may look after them, and when a token signs in."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.access import PeopleDesk
from assistant.access import people as module
from assistant.catalog import Catalog, Keyring
from assistant.errors import AccessDeniedError, ConfigurationError, NotFoundError, NotSignedInError
from assistant.errors import CatalogUnavailableError as Away
from assistant.types import LOCAL_OPERATOR, User

ADMIN = User("root", role="admin")
STRANGER = User("eve", frozenset({"everyone"}))


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(f"sqlite:///{tmp_path / 'catalog.sqlite3'}", Keyring(tmp_path / "key"))
    yield catalog
    catalog.close()


@pytest.fixture
def desk(catalog: Catalog) -> PeopleDesk:
    desk = PeopleDesk(catalog)
    desk.add("ann", "Ann B", ["hr", "everyone"], "employee", ADMIN)
    return desk


def test_a_token_signs_in_with_the_groups_of_the_moment(desk: PeopleDesk) -> None:
    token, record = desk.add_token("ann", LOCAL_OPERATOR, scopes=["read"])
    caller = desk.sign_in(token)
    assert caller.user == User("ann", frozenset({"everyone", "hr"}), "employee")
    assert caller.scopes == {"read"}
    assert token not in repr(record)
    desk.regroup("ann", ADMIN, add=["it"], remove=["hr"])
    assert desk.sign_in(token).user.groups == {"everyone", "it"}
    desk.regroup("ann", ADMIN, become=[], add=["law"])
    assert desk.sign_in(token).user.groups == {"everyone", "law"}


def test_a_token_is_refused_from_the_moment_on_that_it_is_not_good(
    desk: PeopleDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, record = desk.add_token("ann", LOCAL_OPERATOR, days=2)
    desk.disable("ann", ADMIN, disabled=True)
    with pytest.raises(NotSignedInError, match="disabled"):
        desk.sign_in(token)
    desk.disable("ann", ADMIN, disabled=False)
    assert desk.sign_in(token).user.id == "ann"
    now = record.expires_at
    with monkeypatch.context() as patched:
        patched.setattr(module.time, "time", lambda: now - 0.5)
        assert desk.sign_in(token).user.id == "ann"
        patched.setattr(module.time, "time", lambda: now)
        with pytest.raises(NotSignedInError, match="expired"):
            desk.sign_in(token)
    desk.revoke(record.id, ADMIN)
    first = desk.tokens(ADMIN, "ann")[0].revoked_at
    desk.revoke(token, ADMIN)  # by itself, and once more
    assert desk.tokens(ADMIN, "ann")[0].revoked_at == first
    with pytest.raises(NotSignedInError, match="revoked"):
        desk.sign_in(token)


def test_wrong_tokens_are_unknown_and_not_repeated(desk: PeopleDesk) -> None:
    token, record = desk.add_token("ann", LOCAL_OPERATOR)
    wrong = token[:-1] + ("A" if token[-1] != "A" else "B")
    for other in (wrong, token[4:], f"{token} ", f"{token}\n", token.upper(), record.id, "", "ast_", "ast_\udce9"):
        with pytest.raises(NotSignedInError, match="unknown") as raised:
            desk.sign_in(other)
        assert not other or other not in str(raised.value)
    with pytest.raises(NotFoundError) as missing:
        desk.revoke(wrong, ADMIN)
    assert wrong not in str(missing.value)


def test_only_a_digest_is_stored(desk: PeopleDesk, tmp_path: Path) -> None:
    tokens = [desk.add_token("ann", LOCAL_OPERATOR)[0] for _ in range(3)]
    assert len({*tokens}) == 3
    with sqlite3.connect(tmp_path / "catalog.sqlite3") as stored:
        dump = "\n".join(stored.iterdump())
    stored.close()
    assert 'INSERT INTO "access_tokens"' in dump
    for token in tokens:
        assert len(token) == 47
        assert token not in dump
        assert token[4:] not in dump


def test_the_minute_of_the_last_use_is_kept(
    desk: PeopleDesk, catalog: Catalog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    token, record = desk.add_token("ann", LOCAL_OPERATOR)
    assert record.used_at is None
    start = record.created_at - record.created_at % 60 + 60
    written: list[float] = []
    note = catalog.people.note_use
    for second, at in ((1, 0), (59, 0), (61, 60)):
        monkeypatch.setattr(module.time, "time", lambda second=second: start + second)
        desk.sign_in(token)
        written.append(at)
        assert desk.tokens(ADMIN)[0].used_at == start + at

    def locked(*_: object) -> None:
        raise Away("the catalog is locked")

    monkeypatch.setattr(catalog.people, "note_use", locked)
    assert desk.sign_in(token).user.id == "ann"  # people go on while a long write is at work
    assert "the catalog is locked" in caplog.text
    monkeypatch.setattr(catalog.people, "_database", None)  # within the minute that is kept, nothing is written
    note(replace(record, used_at=start), start + 30)


def test_people_are_looked_after_by_admins_only(desk: PeopleDesk) -> None:
    desk.add("eve", "", [], "employee", ADMIN)
    _, of_ann = desk.add_token("ann", LOCAL_OPERATOR)
    own, of_eve = desk.add_token("eve", STRANGER)  # one's own tokens are one's own affair
    assert [one.id for one in desk.tokens(STRANGER, "eve")] == [of_eve.id]
    for act in (
        lambda: desk.add("bob", "", [], "admin", STRANGER),
        lambda: desk.all(STRANGER),
        lambda: desk.regroup("eve", STRANGER, add=["hr"]),
        lambda: desk.disable("ann", STRANGER, disabled=True),
        lambda: desk.add_token("ann", STRANGER),
        lambda: desk.add_token("ann", ADMIN),  # to read as ann
        lambda: desk.tokens(STRANGER),
        lambda: desk.tokens(STRANGER, "ann"),
        lambda: desk.revoke(of_ann.id, STRANGER),
    ):
        with pytest.raises(AccessDeniedError):
            act()
    desk.revoke(own, STRANGER)
    assert [(one.id, one.groups, one.disabled) for one in desk.all(ADMIN)] == [
        ("ann", ("hr",), False),
        ("eve", (), False),
    ]
    assert desk.tokens(ADMIN, "ann")[0].revoked_at is None


@pytest.mark.parametrize(
    "person", ["", " ann", "a\nb", "Operator", "command-line", "a,b", "x" * 201, "a\u200bb", "ANN"]
)
def test_ids_that_cannot_be_used(desk: PeopleDesk, person: str) -> None:
    with pytest.raises(ConfigurationError):
        desk.add(person, "", [], "employee", ADMIN)
    assert len(desk.all(ADMIN)) == 1


def test_what_else_is_wrong_changes_nothing(desk: PeopleDesk) -> None:
    for act in (
        lambda: desk.add("bob", "", [], "operator", ADMIN),
        lambda: desk.add("bob", "", ["user:ann"], "employee", ADMIN),
        lambda: desk.add("bob", "B\x1b[31m", [], "employee", ADMIN),
        lambda: desk.regroup("ann", ADMIN, add=["group:x"]),
        lambda: desk.regroup("ann", ADMIN, add=["a,b"]),
        lambda: desk.regroup("ann", ADMIN, remove=["hr", "everyone"]),
        lambda: desk.add_token("ann", LOCAL_OPERATOR, scopes=["write"]),
        lambda: desk.add_token("ann", LOCAL_OPERATOR, scopes=[]),
        lambda: desk.add_token("ann", LOCAL_OPERATOR, days=0),
        lambda: desk.add_token("ann", LOCAL_OPERATOR, days=3651),
        lambda: desk.add_token("ann", LOCAL_OPERATOR, name="\t"),
    ):
        with pytest.raises(ConfigurationError):
            act()
    for missing in (
        lambda: desk.regroup("bob", ADMIN, add=["hr"]),
        lambda: desk.disable("bob", ADMIN, disabled=True),
        lambda: desk.add_token("bob", LOCAL_OPERATOR),
        lambda: desk.tokens(ADMIN, "bob"),
        lambda: desk.revoke("no-id", ADMIN),
    ):
        with pytest.raises(NotFoundError):
            missing()
    assert ([one.groups for one in desk.all(ADMIN)], desk.tokens(ADMIN)) == ([("hr",)], [])
