"""What every `QueryExpander` must do. Subclass it and give the fixture `expander`, which rewords `KNOWN`."""

from __future__ import annotations

import pytest

from assistant.interfaces import QueryExpander

KNOWN = "how much holiday do I get"


class QueryExpanderContract:
    """The suite."""

    @pytest.fixture
    def expander(self) -> QueryExpander:
        raise NotImplementedError

    def test_is_an_expander_with_a_name(self, expander: QueryExpander) -> None:
        assert isinstance(expander, QueryExpander)
        assert expander.name.strip() == expander.name != ""

    def test_other_wordings_are_lines_with_words_and_none_is_the_question(self, expander: QueryExpander) -> None:
        found = expander.expand(KNOWN)
        assert found
        assert all(wording.strip() == wording != "" and "\n" not in wording for wording in found)
        assert len({wording.casefold() for wording in [KNOWN, *found]}) == len(found) + 1
