"""Gives packs to people, and takes them away."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.catalog import Catalog, PackRecord
from assistant.errors import ConfigurationError
from assistant.registry import Packs


@dataclass(frozen=True, slots=True)
class PackUse:
    """Who is to have a pack, as principals, and in which documents it finds structure: pairs of a source and a glob."""

    readers: frozenset[str]
    documents: tuple[tuple[str, str], ...] = ()


def check_use(catalog: Catalog, packs: Packs, name: str, use: PackUse | None) -> None:
    """See whether a plugin can be enabled like this.

    Raises:
        ConfigurationError: it is a pack and nobody is named, or no pack and somebody is; or it finds no structure.
        NotFoundError: there is no such source.
    """
    pack = packs.all.get(name)
    if pack is None:
        if use is not None:
            raise ConfigurationError(f"{name!r} is no pack: it is not enabled for groups", "leave the groups out")
        return
    if use is None or not use.readers:
        raise ConfigurationError(
            f"{name!r} is a pack, and is enabled for groups", f"assistant plugins enable {name} --groups GROUP,…"
        )
    if use.documents and pack.structure is None:
        raise ConfigurationError(f"the pack {name!r} finds no structure in documents", "leave the documents out")
    for source, _ in use.documents:
        catalog.sources.get(source)


def give(catalog: Catalog, packs: Packs, name: str, use: PackUse) -> None:
    """Give a pack to these people and to no others, from now on."""
    catalog.packs.put(PackRecord(name, use.readers, use.documents))
    packs.forget()


def take(catalog: Catalog, packs: Packs, name: str) -> None:
    """Take a pack from everybody; no error where it is none."""
    if name in packs.all:
        catalog.packs.remove(name)
        packs.forget()
