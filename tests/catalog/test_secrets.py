"""Secrets within JSON: sealed, masked, revealed, and kept by an edit that sends their masks back."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from assistant.catalog.keyring import Keyring
from assistant.catalog.secrets import MASK, Secret, keep_masked, mask_text, masked, revealed, sealed, unsealed
from assistant.errors import ConfigurationError

VALUES: dict[str, Any] = {
    "host": "h",
    "token": Secret.of("hunter2"),
    "accounts": [{"user": "a", "key": Secret.of("ä\udc80")}, {"user": "b", "key": Secret.of({"deep": ["x", 1, None]})}],
    "bare": [Secret.of("s1"), "plain", None, 3, True, 0.5],
}
PLAIN = revealed(VALUES)


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "secret.key")


def test_sealed_and_back(keyring: Keyring) -> None:
    stored = json.loads(json.dumps(sealed(VALUES, keyring)))
    assert stored["host"] == "h"
    assert "hunter2" not in json.dumps(stored)
    opened = unsealed(stored, keyring, "s")
    assert revealed(opened) == PLAIN
    assert masked(opened) == {
        "host": "h",
        "token": MASK,
        "accounts": [{"user": "a", "key": MASK}, {"user": "b", "key": MASK}],
        "bare": [MASK, "plain", None, 3, True, 0.5],
    }
    assert sealed(opened, keyring) == stored, "what is current is not encrypted again"


def test_the_catalogs_own_mark_is_no_name_of_a_field(keyring: Keyring) -> None:
    with pytest.raises(ConfigurationError, match="encrypted"):
        sealed({"a": [{"$encrypted": "x", "key": "y"}]}, keyring)


def test_a_secret_shows_a_mask_everywhere() -> None:
    secret = Secret.of("hunter2")
    for text in (str(secret), repr(secret), f"{secret}", f"{[secret]}", str(vars(Secret))):
        assert "hunter2" not in text
    with pytest.raises(TypeError):
        json.dumps(secret)
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.copy(secret)


def test_secrets_are_equal_when_their_values_are(keyring: Keyring) -> None:
    assert Secret.of("a") == Secret.of("a") != Secret.of("b")
    stored = sealed({"t": Secret.of("a")}, keyring)
    assert unsealed(stored, keyring, "s") == {"t": Secret.of("a")}
    keyring.file.unlink()
    lost = unsealed(stored, keyring, "s")
    assert lost != {"t": Secret.of("a")}
    assert lost == lost


def test_a_lost_key_is_said_when_the_secret_is_needed_and_not_before(keyring: Keyring) -> None:
    stored = sealed({"a": [{"token": Secret.of("hunter2")}]}, keyring)
    keyring.file.unlink()
    opened = unsealed(stored, keyring, "wiki")
    assert masked(opened) == {"a": [{"token": MASK}]}
    with pytest.raises(ConfigurationError) as caught:
        revealed(opened)
    assert "'wiki' (a.0.token) cannot be decrypted" in caught.value.message
    assert "secret.key" in caught.value.message
    assert "put its key into" in caught.value.hint
    assert "give the secret again" in caught.value.hint
    with pytest.raises(ConfigurationError):
        sealed(opened, keyring)
    keyring.encrypt(b"makes another key")
    with pytest.raises(ConfigurationError, match=r"it needs the key \w{8}, and the file .* holds \w{8}"):
        revealed(opened)
    assert sealed(opened, keyring, keep_lost=True) == stored


def kept(old: Any, new: Any) -> Any:
    return revealed(keep_masked(old, new))


def test_an_edit_that_sends_the_masks_back_keeps_the_secrets() -> None:
    assert kept(VALUES, masked(VALUES)) == PLAIN
    assert kept(VALUES, {**masked(VALUES), "host": "other", "token": "new"}) == {
        **PLAIN,
        "host": "other",
        "token": "new",
    }
    assert kept({"a": "plain"}, {"a": MASK}) == {"a": MASK}, "only a secret has a mask"
    assert kept({}, {"t": MASK}) == {"t": MASK}
    assert kept({"t": Secret.of("x")}, {"t": ""}) == {"t": ""}
    assert kept({"t": Secret.of("x")}, {}) == {}


def test_items_of_a_list_keep_their_own_secrets() -> None:
    one, two = {"user": "1", "key": Secret.of("k1")}, {"user": "2", "key": Secret.of("k2")}
    m1, m2 = masked(one), masked(two)
    new = {"user": "0", "key": "k0"}
    assert kept([one, two], [m2, m1]) == revealed([two, one])
    assert kept([one, two], [m2]) == revealed([two])
    assert kept([one, two], [new, m1, m2]) == [new, *revealed([one, two])]
    renamed = {"user": "renamed", "key": MASK}
    assert kept([one, two], [m1, renamed]) == [revealed(one), {"user": "renamed", "key": "k2"}]
    for unclear in ([renamed], [new, renamed, m2]):
        assert MASK in str(kept([one, two], unclear)), "no item may get the secret of another"


def test_bare_masks_keep_their_place_while_none_is_taken_away() -> None:
    old = (Secret.of("a"), Secret.of("b"))
    assert kept(old, [MASK, MASK]) == ["a", "b"]
    assert kept(old, [MASK, MASK, "new"]) == ["a", "b", "new"]
    assert kept(old, ["new", MASK]) == ["new", "b"]
    assert kept(old, [MASK]) == [MASK]
    assert kept(old, ["x"]) == ["x"]
    assert kept(old[:1], [MASK]) == ["a"]
    assert kept(old, ["new", MASK, MASK]) == ["new", "b", MASK]


def test_texts_are_masked_the_longest_first() -> None:
    assert mask_text("token abcdef and abc", ["abc", "abcdef"]) == f"token {MASK} and {MASK}"
