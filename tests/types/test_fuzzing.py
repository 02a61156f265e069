"""Rules of readers, names of principals and filters: anything is read, or named as wrong in the house's own errors."""

from __future__ import annotations

import contextlib

from hypothesis import strategies as st

from assistant.errors import ConfigurationError
from assistant.types import Access, Filters, parse_readers, principals
from tests.fakes.fuzz import fuzz, pieces, short_and_long

NAMES = pieces("group:", "user:", "-", ",", " ", "everyone", "hr", "ann", "group:group:", "\u0000", "*", most=5)
GLOBS = pieces("**/", "*", "**", "?", "[", "]", "[!a]", "[z-a]", "/", "a", "hr", "\\", most=8)
RULES = st.fixed_dictionaries(
    {},
    optional={
        "default": st.one_of(st.lists(NAMES, max_size=3), st.text(max_size=3), st.none()),
        "rules": st.lists(
            st.fixed_dictionaries(
                {"glob": GLOBS, "readers": st.lists(NAMES, max_size=3)}, optional={"deny": st.lists(NAMES, max_size=2)}
            ),
            max_size=4,
        ),
        "names": st.dictionaries(NAMES, NAMES, max_size=2),
        "other": st.integers(),
    },
)


@short_and_long
def test_a_rule_is_read_or_named_as_wrong(examples: int) -> None:
    def check(rule: dict[str, object], key: str) -> None:
        with contextlib.suppress(ConfigurationError):
            access = parse_readers(rule, "a rule").access(key)
            assert all(one.startswith(("group:", "user:")) for one in access.allow | access.deny)

    fuzz(examples, check, rule=RULES, key=pieces("a", "/", "hr", ".txt"))


@short_and_long
def test_names_become_principals_and_nothing_else(examples: int) -> None:
    def check(names: str, several: list[str]) -> None:
        for access in (Access.of_names(names), Access.of_names(several)):
            for one in access.allow | access.deny:
                assert one.startswith(("group:", "user:"))
        assert all(one.startswith(("group:", "user:")) for one in principals(several))
        assert Access.of_names("").allow == frozenset(), "no name is nobody, and not everybody"

    fuzz(examples, check, names=NAMES, several=st.lists(NAMES, max_size=4))


@short_and_long
def test_filters_take_dates_or_say_that_they_are_none(examples: int) -> None:
    dates = pieces("2026", "-", "11", "24", "T", ":", "Z", "+01:00", "99", " ", most=8)

    def check(first: str, last: str, paths: list[str]) -> None:
        with contextlib.suppress(ConfigurationError):
            made = Filters(modified_from=first, modified_until=last, paths=tuple(paths))
            assert all(one is None or isinstance(one, float) for one in made.period)
            assert all(made.folders)

    fuzz(examples, check, first=dates, last=dates, paths=st.lists(pieces("a", "/", "!", "..", "b"), max_size=3))
