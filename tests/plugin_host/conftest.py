"""A desk over a folder of plugins and a catalog, one for all tests of a module: processes take long to start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.catalog import Catalog, Keyring
from assistant.plugin_host import HostLimits, PluginDesk
from assistant.registry import PluginRegistry, load_registry


@dataclass
class Site:
    """A folder of plugins, and what looks after them."""

    folder: Path
    catalog: Catalog
    registry: PluginRegistry
    desk: PluginDesk

    def put(self, name: str, text: str) -> None:
        """Write a plugin."""
        (self.folder / f"{name}.py").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("home")
    folder = home / "plugins"
    folder.mkdir()
    catalog = Catalog(f"sqlite:///{home / 'c.sqlite3'}", Keyring(home / "secret.key"))
    registry = load_registry()
    desk = PluginDesk(lambda: catalog, registry, folder, HostLimits(60, 600 << 20, 2_000_000))
    registry.attach(desk)
    yield Site(folder, catalog, registry, desk)
    desk.close()
    catalog.close()
