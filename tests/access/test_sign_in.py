"""Sign-ins with passwords: what opens a session, what locks an account, and when a session ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from assistant.access import Passwords, SignInDesk, Where
from assistant.access.sign_in import MOST_SESSIONS
from assistant.errors import AccessDeniedError, ConfigurationError, NotFoundError, NotSignedInError
from assistant.types import LOCAL_OPERATOR, User
from tests.fakes.system import System, cheap_passwords

GOOD, OTHER = "grey otters like rain", "brown otters like sun"
HERE = Where("10.0.0.7", "Firefox")


class Clock:
    """Stands in for `time.time` in the modules that look at it."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in ("access.sign_in", "catalog.sessions", "catalog.credentials"):
        monkeypatch.setattr(f"assistant.{module}.time.time", clock.time)
    return clock


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    system.people.add("ann", "Ann B", ["hr"], "employee", LOCAL_OPERATOR)
    yield system
    system.close()


@pytest.fixture
def desk(system: System) -> SignInDesk:
    given = system.sign_in.reset_password("ann", LOCAL_OPERATOR)
    system.sign_in.change_password("ann", given, GOOD, HERE)
    system.sign_in.end_all("ann", LOCAL_OPERATOR)
    return system.sign_in


def wrong(desk: SignInDesk, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(NotSignedInError, match="wrong"):
            desk.with_password("ann", "not this one", HERE)


def test_a_session_is_the_person_with_groups_and_role(system: System, desk: SignInDesk) -> None:
    new = desk.with_password("Ann", GOOD, HERE)
    assert new.secret.startswith("ses_")
    assert new.secret not in (system.folder / "catalog.sqlite3").read_bytes().decode("latin-1")
    caller = desk.caller(new.secret)
    assert (caller.user.id, caller.user.groups, caller.session) == ("ann", {"everyone", "hr"}, new.session.id)
    assert (new.session.address, new.session.agent, new.session.way) == ("10.0.0.7", "Firefox", "password")
    system.people.regroup("ann", LOCAL_OPERATOR, become=["it"])
    assert desk.caller(new.secret).user.groups == {"everyone", "it"}


def test_what_is_wrong_is_not_told(system: System, desk: SignInDesk) -> None:
    system.people.add("bob", "", [], "employee", LOCAL_OPERATOR)  # has no password
    said = set()
    for person, password in (("ann", "no"), ("nobody", GOOD), ("bob", ""), ("bob", GOOD), ("", ""), ("x" * 500, "")):
        with pytest.raises(NotSignedInError) as refused:
            desk.with_password(person, password, HERE)
        said.add(str(refused.value))
    system.people.disable("ann", LOCAL_OPERATOR, disabled=True)
    with pytest.raises(NotSignedInError) as refused:
        desk.with_password("ann", GOOD, HERE)
    said.add(str(refused.value))
    assert len(said) == 1


def test_an_unknown_id_takes_the_same_work(system: System) -> None:
    class Counting(Passwords):
        checked = 0

        def right(self, hashed: str, password: str) -> bool:
            self.checked += 1
            return super().right(hashed, password)

    passwords = Counting(PasswordHasher(1, 8, 1))
    desk = SignInDesk(system.catalog, passwords=passwords)
    verified: list[str] = []
    hasher = passwords._hasher

    class Watched:
        def verify(self, hashed: str, password: bytes) -> bool:
            verified.append(hashed)
            return hasher.verify(hashed, password)

        def hash(self, password: bytes) -> str:
            return hasher.hash(password)

    passwords._hasher = Watched()  # type: ignore[assignment]
    with pytest.raises(NotSignedInError):
        desk.with_password("nobody", "whatever it is", HERE)
    assert passwords.checked == len(verified) == 1
    assert verified[0].startswith("$argon2id$")


def test_ten_wrong_passwords_lock_the_account_for_longer_each_time(
    system: System, desk: SignInDesk, clock: Clock
) -> None:
    wrong(desk, 9)
    desk.with_password("ann", GOOD, HERE)  # and all is forgotten
    wrong(desk, 10)
    assert system.catalog.people.get("ann").locked_until == clock.now + 900
    with pytest.raises(NotSignedInError):
        desk.with_password("ann", GOOD, HERE)
    clock.now += 901
    wrong(desk, 10)
    assert system.catalog.people.get("ann").locked_until == clock.now + 1800
    # another process on the same catalog knows it as well
    with pytest.raises(NotSignedInError):
        SignInDesk(system.catalog, passwords=cheap_passwords()).with_password("ann", GOOD, HERE)
    clock.now += 1801
    desk.with_password("ann", GOOD, HERE)
    assert system.catalog.people.get("ann").locked_until == 0
    wrong(desk, 10)
    given = desk.reset_password("ann", LOCAL_OPERATOR)  # an admin unlocks
    assert desk.with_password("ann", given, HERE).person.must_change_password


def test_many_at_once_get_no_more_tries(system: System, desk: SignInDesk) -> None:
    checked: list[str] = []
    passwords = desk._passwords
    right = passwords.right
    passwords.right = lambda hashed, password: (checked.append(password), right(hashed, password))[1]  # type: ignore[method-assign]
    results: list[bool] = []

    def attempt(number: int) -> None:
        try:
            desk.with_password("ann", GOOD if number == 29 else f"wrong {number}", HERE)
            results.append(True)
        except NotSignedInError:
            results.append(False)

    wrong(desk, 9)
    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 30
    assert system.catalog.people.get("ann").locked_until > 0 or any(results)
    assert sum(results) <= 1


def test_sessions_end_when_they_are_old_or_left_alone(system: System, desk: SignInDesk, clock: Clock) -> None:
    secret = desk.with_password("ann", GOOD, HERE).secret
    for _ in range(11):
        clock.now += 3600
        desk.caller(secret)
    clock.now += 3601
    with pytest.raises(NotSignedInError, match="run out"):
        desk.caller(secret)
    secret = desk.with_password("ann", GOOD, HERE).secret
    clock.now += 7000
    assert desk.sessions("ann", LOCAL_OPERATOR)
    desk.caller(secret)
    clock.now += 7300
    with pytest.raises(NotSignedInError, match="run out"):
        desk.caller(secret)
    assert desk.sessions("ann", LOCAL_OPERATOR) == []


def test_a_secret_is_rotated_after_an_hour_and_the_former_one_is_good_for_a_minute(
    desk: SignInDesk, clock: Clock
) -> None:
    first = desk.with_password("ann", GOOD, HERE)
    assert desk.renewed(first.secret) == first.secret
    clock.now += 3601
    second = desk.renewed(first.secret)
    assert second != first.secret
    assert desk.caller(second).session == desk.caller(first.secret).session == first.session.id
    assert desk.renewed(first.secret) == first.secret  # it makes no third one
    clock.now += 61
    with pytest.raises(NotSignedInError, match="ended"):
        desk.caller(first.secret)
    desk.caller(second)


def test_a_changed_password_ends_all_other_sessions(desk: SignInDesk) -> None:
    one, two = (desk.with_password("ann", GOOD, HERE).secret for _ in range(2))
    with pytest.raises(NotSignedInError):
        desk.change_password("ann", OTHER, OTHER, HERE)
    with pytest.raises(ConfigurationError, match="is the old one"):
        desk.change_password("ann", GOOD, GOOD, HERE)
    with pytest.raises(ConfigurationError, match="12 to"):
        desk.change_password("ann", GOOD, "short", HERE)
    desk.caller(one)
    three = desk.change_password("ann", GOOD, OTHER, HERE)
    for secret in (one, two):
        with pytest.raises(NotSignedInError):
            desk.caller(secret)
    assert desk.caller(three.secret).must_change_password is False
    with pytest.raises(NotSignedInError):
        desk.with_password("ann", GOOD, HERE)


def test_a_password_of_an_admin_is_to_be_changed_first(system: System, desk: SignInDesk) -> None:
    with pytest.raises(AccessDeniedError):
        desk.reset_password("ann", User("ann", frozenset()))
    with pytest.raises(NotFoundError):
        desk.reset_password("nobody", LOCAL_OPERATOR)
    with pytest.raises(ConfigurationError):
        desk.reset_password("ann", LOCAL_OPERATOR, "ann")
    before = desk.with_password("ann", GOOD, HERE).secret
    assert desk.reset_password("ann", LOCAL_OPERATOR, OTHER) == OTHER
    with pytest.raises(NotSignedInError):
        desk.caller(before)
    new = desk.with_password("ann", OTHER, HERE)
    assert desk.caller(new.secret).must_change_password
    changed = desk.change_password("ann", OTHER, GOOD, HERE)
    assert not desk.caller(changed.secret).must_change_password


def test_a_disabled_person_has_no_session_and_gets_none_back(system: System, desk: SignInDesk) -> None:
    secret = desk.with_password("ann", GOOD, HERE).secret
    system.people.disable("ann", LOCAL_OPERATOR, disabled=True)
    for _ in range(2):
        with pytest.raises(NotSignedInError):
            desk.caller(secret)
        system.people.disable("ann", LOCAL_OPERATOR, disabled=False)


def test_a_hash_with_lower_parameters_is_made_again(system: System, desk: SignInDesk) -> None:
    with system.catalog.database.read() as session:
        before = session.connection().exec_driver_sql("SELECT password FROM people").scalar_one()
    stronger = SignInDesk(system.catalog, passwords=Passwords(PasswordHasher(2, 16, 1)))
    stronger.with_password("ann", GOOD, HERE)
    with system.catalog.database.read() as session:
        after = session.connection().exec_driver_sql("SELECT password FROM people").scalar_one()
    assert "m=8,t=1" in before
    assert "m=16,t=2" in after
    stronger.with_password("ann", GOOD, HERE)


@pytest.mark.parametrize("parameters", [None, (2, 16, 1)])
def test_a_password_that_is_changed_while_it_is_checked_signs_nobody_in(
    system: System, desk: SignInDesk, monkeypatch: pytest.MonkeyPatch, parameters: tuple[int, int, int] | None
) -> None:
    passwords = cheap_passwords() if parameters is None else Passwords(PasswordHasher(*parameters))
    slow = SignInDesk(system.catalog, passwords=passwords)
    right = passwords.right

    def changed_meanwhile(hashed: str, password: str) -> bool:
        found = right(hashed, password)
        desk.change_password("ann", GOOD, OTHER, HERE)
        return found

    monkeypatch.setattr(passwords, "right", changed_meanwhile)
    with pytest.raises(NotSignedInError, match="changed meanwhile"):
        slow.with_password("ann", GOOD, HERE)
    monkeypatch.undo()
    desk.with_password("ann", OTHER, HERE)
    with pytest.raises(NotSignedInError):
        desk.with_password("ann", GOOD, HERE)


def test_a_session_is_not_opened_with_a_password_of_before(
    system: System, desk: SignInDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_session = system.catalog.sessions.add

    def changed_before(*given: Any) -> Any:
        monkeypatch.undo()
        desk.change_password("ann", GOOD, OTHER, HERE)
        return open_session(*given)

    monkeypatch.setattr(system.catalog.sessions, "add", changed_before)
    with pytest.raises(NotSignedInError, match="changed meanwhile"):
        SignInDesk(system.catalog, passwords=cheap_passwords()).with_password("ann", GOOD, HERE)
    assert len(desk.sessions("ann", LOCAL_OPERATOR)) == 1


def test_a_person_has_so_many_sessions_and_sees_and_ends_own_ones(system: System, desk: SignInDesk) -> None:
    ann, bob = User("ann", frozenset()), User("bob", frozenset())
    first = desk.with_password("ann", GOOD, HERE)
    rest = [desk.with_password("ann", GOOD, HERE) for _ in range(MOST_SESSIONS)]
    with pytest.raises(NotSignedInError):
        desk.caller(first.secret)
    assert len(desk.sessions("ann", ann)) == MOST_SESSIONS
    with pytest.raises(AccessDeniedError):
        desk.sessions("ann", bob)
    with pytest.raises(NotFoundError):
        desk.end(rest[0].session.id, bob)
    desk.end(rest[0].session.id, ann)
    with pytest.raises(NotSignedInError):
        desk.caller(rest[0].secret)
    assert desk.end_all("ann", ann, rest[1].session.id) == MOST_SESSIONS - 2
    desk.caller(rest[1].secret)
    assert desk.sign_out(rest[1].secret) is not None
    assert desk.sign_out(rest[1].secret) is None
    assert desk.sessions("ann", ann) == []


def test_passwords_can_be_switched_off(system: System, desk: SignInDesk) -> None:
    off = SignInDesk(system.catalog, by_password=False, passwords=cheap_passwords())
    with pytest.raises(AccessDeniedError, match="switched off"):
        off.with_password("ann", GOOD, HERE)
    with pytest.raises(AccessDeniedError, match="switched off"):
        off.reset_password("ann", LOCAL_OPERATOR)


@pytest.mark.parametrize("secret", ["", "ses_", "ses_" + "x" * 43, "ast_" + "x" * 43, "ses_" + "x" * 44, "\ud800"])
def test_what_is_no_session_signs_nobody_in(desk: SignInDesk, secret: str) -> None:
    with pytest.raises(NotSignedInError, match="unknown"):
        desk.caller(secret)
