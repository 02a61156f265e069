"""Finds the plugins that are there, without running anything of those that are not built in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from assistant.errors import PluginError
from assistant.registry import GROUP, Place, is_own


@dataclass(frozen=True, slots=True)
class FoundPlugin:
    """A plugin that is there.

    Attributes:
        place: where.
        origin: `built-in`, `package NAME` or `folder`.
        mark: changes when the plugin does: its package's version, or a digest of its files.
        problem: why it cannot be used whatever an admin says; empty for none.
    """

    place: Place
    origin: str
    mark: str
    problem: str = ""

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self.place.name

    @property
    def is_built_in(self) -> bool:
        """Whether it comes with the assistant and runs in its process."""
        return self.origin == "built-in"


def find_plugins(folder: Path) -> dict[str, FoundPlugin]:
    """Return all plugins by name: built-in ones, those of installed packages, and those in the folder.

    Args:
        folder: holds a package (a folder with `__init__.py`) or a module a plugin; need not exist.
    """
    found: dict[str, FoundPlugin] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda p: (not is_own(p), p.name)):
        name, version = (point.dist.name, point.dist.version) if point.dist is not None else ("?", "")
        origin = "built-in" if is_own(point) else f"package {name}"
        _add(found, FoundPlugin(Place(point.name), origin, version))
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            name = path.name if (path / "__init__.py").is_file() else path.stem if path.suffix == ".py" else ""
            if name.isidentifier():
                _add(found, FoundPlugin(Place(name, str(folder.absolute())), "folder", _digest(path)))
    return found


def find_plugin(folder: Path, name: str) -> FoundPlugin | None:
    """Return the plugin of that name, None where there is none; raises PluginError where it cannot be used."""
    found = find_plugins(folder).get(name)
    if found is not None and found.problem:
        raise PluginError(f"the plugin {name!r} cannot be used: {found.problem}", "rename or remove one of them")
    return found


def _add(found: dict[str, FoundPlugin], plugin: FoundPlugin) -> None:
    former = found.get(plugin.name)
    if former is None:
        found[plugin.name] = plugin
    elif not former.is_built_in:  # which of them was meant nobody can tell; a built-in one is not to be replaced
        problem = f"it is there twice, from {former.origin} and {plugin.origin}"
        found[plugin.name] = FoundPlugin(former.place, former.origin, former.mark, problem)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    for file in files:
        if "__pycache__" not in file.parts:
            digest.update(f"{file.relative_to(path.parent)}\0{file.stat().st_size}\0".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
