"""Globs mean what a plain translation of them means, and take no time that grows with their stars."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.types.globs import glob_pattern

SIGNS = ["a", "b", "/", "*", "**/", "**", "?", "[ab]", "[!a]"]
FEW = settings(max_examples=600, deadline=None, database=None, derandomize=True)
PLAIN = {"**/": "(?:[^/]*/)*", "**": ".*", "*": "[^/]*", "?": "[^/]", "[!a]": "[^a/]"}


def plain(glob: str) -> re.Pattern[str]:
    """Return the glob, each sign translated by itself."""
    found = re.findall(r"\*\*/|\*\*|\*|\?|\[[^\]/]+\]|.", glob.strip("/"))
    return re.compile("".join(PLAIN.get(sign, sign) for sign in found))


@FEW
@given(
    st.lists(st.sampled_from(SIGNS), min_size=1, max_size=9).map("".join),
    st.lists(st.text("ab/", min_size=1, max_size=9), min_size=20, max_size=20),
)
def test_they_mean_what_they_say(glob: str, keys: list[str]) -> None:
    for key in keys:
        assert (glob_pattern(glob).fullmatch(key) is None) == (plain(glob).fullmatch(key) is None), (glob, key)


def test_signs_stay_within_a_folder() -> None:
    for glob in ("a[!x]b", "a[+-9]b", "a?b", "a*b"):
        assert glob_pattern(glob).fullmatch("a/b") is None
    assert glob_pattern("a**b").fullmatch("a/b")
    assert glob_pattern("**/b").fullmatch("a//b"), "a folder without a name is one too"


@FEW
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_a_glob_or_is_said_to_be_none(glob: str, key: str) -> None:
    try:
        glob_pattern(glob).fullmatch(key)
    except re.error:
        assert "[" in glob


@pytest.mark.parametrize(
    ("glob", "key"),
    [
        ("**/" * 40 + "x", "a/" * 200 + "y"),
        ("*a" * 40 + "b", "a" * 250),
        ("**a" * 40 + "b", "a" * 1000),
        ("**/a*" * 20 + "b", "ab/" * 300),
        ("**/*a/" * 20 + "b", "aa/" * 300),
        ("*" * 1000 + "b", "a" * 250),
        ("*?" * 40 + "b", "a" * 250),
    ],
)
def test_many_stars_take_no_time(glob: str, key: str) -> None:
    began = time.thread_time()  # as nothing else takes part, and the machine may have other work
    assert glob_pattern(glob).fullmatch(key) is None
    assert time.thread_time() - began < 5
