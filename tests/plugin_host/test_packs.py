"""Packs are enabled for groups, and others are not."""

from __future__ import annotations

import pytest

from assistant.errors import ConfigurationError, NotFoundError, PluginError
from assistant.plugin_host import PackUse
from assistant.types import User
from tests.fakes.pack import add_letters
from tests.plugin_host.conftest import Site

LEGAL, SALES = User("ann", frozenset({"legal"})), User("bob", frozenset({"sales"}))
USE = PackUse(frozenset({"group:legal"}))
GUEST = """
class Pack:
    name, description, prompt, structure, evaluation = "guest", "d", "p", None, None
    def tools(self, documents):
        return ()
def register(registry):
    registry.add_pack(Pack())
"""


@pytest.fixture(scope="module", autouse=True)
def _letters(site: Site) -> None:
    add_letters(site.registry)
    site.registry.packs.open(site.catalog.packs.all, _NoDocuments(), lambda _, __: True)


class _NoDocuments:
    def page(self, *_):
        raise AssertionError

    read = search = page


def state(site: Site, name: str) -> str:
    return next(one.state for one in site.desk.all() if one.name == name)


def test_nobody_has_the_pack_that_comes_with_the_assistant(site: Site) -> None:
    assert state(site, "contracts") == "disabled"
    assert "find_clauses" not in site.registry.tools
    assert site.registry.packs.of(LEGAL) == []
    offers = site.desk.show("contracts").offers
    assert {("pack", "contracts"), ("tool", "obligations")} <= set(offers)


def test_it_is_given_to_groups_and_taken_away_at_once(site: Site) -> None:
    shown = site.desk.enable("contracts", USE)
    assert (shown.state, shown.pack and shown.pack.readers) == ("enabled", USE.readers)
    assert "find_clauses" in site.registry.tools_for(LEGAL)
    assert "find_clauses" not in site.registry.tools_for(SALES)
    site.desk.enable("contracts", PackUse(frozenset({"user:bob"})))
    assert "find_clauses" not in site.registry.tools_for(LEGAL)
    assert "find_clauses" in site.registry.tools_for(SALES)
    assert site.desk.disable("contracts").state == "disabled"
    assert "find_clauses" not in site.registry.tools_for(SALES)


def test_what_does_not_fit_is_refused_and_changes_nothing(site: Site) -> None:
    with pytest.raises(ConfigurationError, match="enabled for groups"):
        site.desk.enable("contracts")
    with pytest.raises(ConfigurationError, match="enabled for groups"):
        site.desk.enable("contracts", PackUse(frozenset()))
    with pytest.raises(ConfigurationError, match="no pack"):
        site.desk.enable("folder", USE)
    with pytest.raises(NotFoundError, match="nowhere"):
        site.desk.enable("contracts", PackUse(USE.readers, (("nowhere", "**"),)))
    assert site.catalog.packs.all() == {}


def test_a_pack_of_a_stranger_is_refused_and_said(site: Site) -> None:
    site.put("guest", GUEST)
    with pytest.raises(PluginError, match="offers a pack: only built-in ones can"):
        site.desk.enable("guest")
    assert state(site, "guest") == "broken"
