"""Which passwords are taken, and how they are checked."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from assistant.access.passwords import LONGEST, Passwords, generated, must_be_good
from assistant.errors import ConfigurationError
from tests.fakes.system import cheap_passwords

GOOD = "grey otters like rain"


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "x" * (LONGEST + 1),
        "aaaaaaaaaaaaaa",
        "123456789012",
        "098765432109",
        "Password1234!",
        "passwordpassword",
        "Welcome-2026-2026",
        "assistant 2026",
        "qwertyuiop123456",
        "ann.brown 1234",
        "annbrownannbrown",
        "ann@corp.example",
    ],
)
def test_what_is_tried_first_is_not_taken(password: str) -> None:
    with pytest.raises(ConfigurationError):
        must_be_good(password, "annbrown", "ann.brown", "ann@corp.example")


@pytest.mark.parametrize("password", [GOOD, "otter-Rain-47-x", "пароль из многих слов", "x9!kQ2#vB7$z"])
def test_others_are_taken(password: str) -> None:
    must_be_good(password, "annbrown", "Ann Brown", "")


def test_a_hash_is_argon2id_and_right_for_its_password_only() -> None:
    passwords = cheap_passwords()
    hashed = passwords.hashed(GOOD)
    assert hashed.startswith("$argon2id$")
    assert passwords.hashed(GOOD) != hashed
    assert passwords.right(hashed, GOOD)
    assert not passwords.right(hashed, GOOD + " ")
    assert not passwords.right("", GOOD)
    assert not passwords.right("no hash", GOOD)
    assert passwords.right(passwords.hashed("caf\u00e9 caf\u00e9 caf\u00e9"), "cafe\u0301 cafe\u0301 cafe\u0301")
    assert not passwords.right(hashed, "\ud800")


def test_real_parameters_are_those_that_rfc_9106_names() -> None:
    hasher = Passwords()._hasher
    assert (hasher.memory_cost, hasher.time_cost, hasher.parallelism) == (65536, 3, 4)
    assert Passwords().outdated(cheap_passwords().hashed(GOOD))
    assert not Passwords(PasswordHasher(1, 8, 1)).outdated(cheap_passwords().hashed(GOOD))


def test_generated_passwords_are_taken_and_differ() -> None:
    made = {generated() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        assert len(password) == 29
        must_be_good(password)
