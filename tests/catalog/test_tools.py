"""Configured tools in the catalog, and their secrets under another key."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from assistant.catalog import Catalog, Keyring, Secret, ToolRecord, revealed
from assistant.errors import ConfigurationError, NotFoundError


def test_records_are_kept_changed_and_removed(tmp_path: Path) -> None:
    catalog = Catalog(f"sqlite:///{tmp_path / 'c'}", Keyring(tmp_path / "key"))
    record = ToolRecord("shop", "database", {"password": Secret.of("hunter22")}, ("sales",), True, ({"name": "shop"},))
    first = catalog.tools.add(record)
    assert (revealed(first.config), first.groups, first.described) == (
        {"password": "hunter22"},
        ("sales",),
        ({"name": "shop"},),
    )
    with pytest.raises(ConfigurationError, match="there is a tool 'shop' already"):
        catalog.tools.add(record)
    catalog.tools.note("shop", "down")
    assert catalog.tools.get("shop").error == "down"
    second = catalog.tools.change("shop", groups=["hr"], enabled=False)
    assert (second.groups, second.enabled, second.error, second.mark == first.mark) == (("hr",), False, "", False)
    assert [one.name for one in catalog.tools.all()] == ["shop"]
    catalog.tools.remove("shop")
    for act in (catalog.tools.get, catalog.tools.remove, catalog.tools.change):
        with pytest.raises(NotFoundError, match="no configured tool 'shop'"):
            act("shop")
    catalog.close()


def test_secrets_go_over_to_a_new_key(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'c'}"
    old, new = (base64.urlsafe_b64encode(bytes([number]) * 32).decode() for number in (1, 2))

    def opened(keys: str) -> Catalog:
        return Catalog(url, Keyring(tmp_path / "none", keys))

    first = opened(old)
    first.tools.add(ToolRecord("shop", "database", {"password": Secret.of("hunter22")}, (), True, ()))
    lost = opened(new)
    with pytest.raises(ConfigurationError, match=r"a secret of the tool 'shop' \(password\).*edit the tool"):
        revealed(lost.tools.get("shop").config)
    lost.tools.protect()
    assert revealed(first.tools.get("shop").config) == {"password": "hunter22"}, "what is lost here stays as it is"
    both = opened(f"{new},{old}")
    both.tools.protect()
    assert revealed(lost.tools.get("shop").config) == {"password": "hunter22"}
    for catalog in (first, lost, both):
        catalog.close()
