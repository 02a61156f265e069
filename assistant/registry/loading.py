"""Loads plugins into this process: the built-in ones, or those that are named."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any

from assistant.errors import PluginError
from assistant.registry.registry import PluginRegistry
from assistant.types import API_VERSION, EVERY_PERMISSION, Manifest

GROUP = "assistant.plugins"
OWN = "assistant"  # the distribution whose plugins are built in


@dataclass(frozen=True, slots=True)
class Place:
    """Where a plugin is: an entry point of that name, or a module of that name in a folder (empty: an entry point)."""

    name: str
    folder: str = ""

    @property
    def text(self) -> str:
        """The place as one text, for another process."""
        return f"{self.name}@{self.folder}" if self.folder else self.name

    @classmethod
    def of(cls, text: str) -> Place:
        """Return the place that `text` says."""
        name, _, folder = text.partition("@")
        return cls(name, folder)


def load_registry(
    points: Iterable[EntryPoint] | None = None, advise: Callable[[str], str] | None = None
) -> PluginRegistry:
    """Load plugins into this process.

    Args:
        points: their entry points; None: of the built-in ones, as others are loaded in processes of their own.
        advise: as for `PluginRegistry`.

    Raises:
        PluginError: a plugin cannot be imported or fails while it registers; the message names it.
    """
    registry = PluginRegistry(advise) if advise else PluginRegistry()
    found = [point for point in entry_points(group=GROUP) if is_own(point)] if points is None else points
    for point in sorted(found, key=lambda p: (not is_own(p), p.name)):
        version = point.dist.version if point.dist is not None else ""
        load_plugin(registry, point.name, version, point.module, point.attr or "register")
    return registry


def load_from(place: str) -> PluginRegistry:
    """Load one plugin, wherever it is.

    Args:
        place: as `Place.text` says it.

    Raises:
        PluginError: it is not there, or as `load_plugin`.
    """
    registry = PluginRegistry()
    load_at(registry, Place.of(place))
    return registry


def load_at(registry: PluginRegistry, place: Place) -> ModuleType:
    """Load the plugin into the registry and return its module; raises as `load_from`."""
    if place.folder:
        if place.folder not in sys.path:
            sys.path.insert(0, place.folder)
        return load_plugin(registry, place.name, "", place.name, "register")
    for point in entry_points(group=GROUP, name=place.name):
        version = point.dist.version if point.dist is not None else ""
        return load_plugin(registry, point.name, version, point.module, point.attr or "register")
    raise PluginError(f"no installed package has the plugin {place.name!r}", "install it again, or disable it")


def load_plugin(registry: PluginRegistry, name: str, version: str, module: str, attribute: str) -> ModuleType:
    """Import a plugin, look at its manifest, let it register what it offers, and return its module.

    Args:
        registry: takes what it offers.
        name: the plugin's name.
        version: of its package; taken where it has no manifest.
        module: to import.
        attribute: the name of its `register` there.

    Raises:
        PluginError: it cannot be imported, is for another version of the interface, or fails while it registers.
    """
    with _named(name, module):
        loaded = importlib.import_module(module)
        register: Any = loaded
        for part in attribute.split("."):
            register = getattr(register, part)
    manifest = manifest_of(loaded, name, version)
    registry.begin(manifest)
    try:
        with _named(name, module):
            register(registry)
    finally:
        registry.end()
    return loaded


def manifest_of(module: ModuleType, name: str, version: str) -> Manifest:
    """Return what the plugin's module says of it; a default one, which wants everything, where it says nothing.

    Raises:
        PluginError: it is no manifest, has another name, or is for another version of the plugin interface.
    """
    manifest = getattr(module, "MANIFEST", None)
    if manifest is None:
        return Manifest(name, version or "0", permissions=EVERY_PERMISSION, declared=False)
    if not isinstance(manifest, Manifest):
        raise PluginError(f"plugin {name!r}: MANIFEST is no assistant.types.Manifest", "correct it")
    if manifest.name != name:
        raise PluginError(f"plugin {name!r} calls itself {manifest.name!r} in its manifest", "give it one name")
    if manifest.api_version != API_VERSION:
        raise PluginError(
            f"plugin {name!r} {manifest.version} is for version {manifest.api_version} of the plugin interface,"
            f" and this assistant has version {API_VERSION}",
            "upgrade the plugin" if manifest.api_version < API_VERSION else "upgrade the assistant",
        )
    return manifest


def is_own(point: EntryPoint) -> bool:
    """Whether the plugin is built in."""
    return point.dist is not None and point.dist.name == OWN


@contextlib.contextmanager
def _named(name: str, value: str) -> Iterator[None]:
    try:
        yield
    except PluginError:
        raise
    except Exception as error:
        raise PluginError(
            f"plugin {name!r} ({value}) cannot be loaded: {type(error).__name__}: {error}",
            "upgrade or uninstall its package",
        ) from error
