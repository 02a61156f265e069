"""Groups in groups, on SQLite and Postgres."""

from __future__ import annotations

import pytest

from assistant.catalog import Catalog
from assistant.errors import ConfigurationError


def test_who_is_in_a_group_is_in_those_that_it_is_in(catalog: Catalog) -> None:
    groups = catalog.groups
    for parent, child in (("staff", "sales"), ("all", "staff"), ("berlin", "sales"), ("sales", "interns")):
        groups.nest(parent, child)
    groups.nest("staff", "sales")
    assert groups.nested() == {"staff": {"sales"}, "all": {"staff"}, "berlin": {"sales"}, "sales": {"interns"}}
    catalog.people.add("ann", "", ["interns"], "employee")
    assert catalog.people.get("ann").user.groups == {"everyone", "interns", "sales", "staff", "all", "berlin"}
    assert groups.unnest("sales", "interns")
    assert not groups.unnest("sales", "interns")
    assert catalog.people.get("ann").user.groups == {"everyone", "interns"}


def test_no_group_is_in_itself(catalog: Catalog) -> None:
    catalog.groups.nest("staff", "sales")
    catalog.groups.nest("all", "staff")
    for parent, child in (("sales", "all"), ("staff", "staff")):
        with pytest.raises(ConfigurationError, match="neither can be in itself"):
            catalog.groups.nest(parent, child)
