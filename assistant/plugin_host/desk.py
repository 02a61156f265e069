"""Enables, disables, upgrades and looks after plugins, and offers those that run in processes of their own."""

from __future__ import annotations

import importlib
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from assistant.catalog import Catalog, PackRecord, PluginRecord, revealed
from assistant.errors import AssistantError, ChangedMeanwhileError, ConfigurationError, NotFoundError, PluginError
from assistant.interfaces import Parser, PostProcessor, Tool
from assistant.plugin_host.finding import FoundPlugin, find_plugin, find_plugins
from assistant.plugin_host.guests import GuestKind, GuestParser, GuestPostProcessor, GuestTool, StoppedKind
from assistant.plugin_host.host import HostLimits, PluginHost
from assistant.plugin_host.messages import unpack_manifest
from assistant.plugin_host.packs import PackUse, check_use, give, take
from assistant.registry import GROUP, PluginRegistry, SourceKind, check_tool, long_texts
from assistant.types import Manifest

State = Literal["enabled", "disabled", "new", "changed", "broken", "gone"]
T = TypeVar("T")
_SECONDS = 3.0  # after which the catalog is asked again
_AGAIN = "an admin may enable it again: `assistant plugins enable {}`"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """A plugin as an admin sees it.

    Attributes:
        name: its name.
        origin: `built-in`, `package NAME` or `folder`.
        state: `new`: nobody decided on it yet; `changed`: it is another version than the one that was enabled; `gone`:
            it was enabled and is not there any more; `broken`: it cannot be used.
        version: the installed one, where it is known without running it.
        manifest: None where it was never looked at.
        offers: pairs of what it is and its name.
        error: what went wrong last.
        pack: who has it, where it offers a pack that is enabled.
        mark: changes when the plugin does; empty where it is gone.
    """

    name: str
    origin: str
    state: State
    version: str
    manifest: Manifest | None
    offers: tuple[tuple[str, str], ...]
    error: str = ""
    pack: PackRecord | None = None
    mark: str = ""


class PluginDesk:
    """The plugins of this assistant; implements `registry.Guests`. Safe to use from several threads.

    Args:
        catalog: opened when it is asked for first.
        registry: the plugins of this process.
        folder: where plugins are that are not installed packages.
        limits: of plugins' processes.
    """

    def __init__(
        self, catalog: Callable[[], Catalog], registry: PluginRegistry, folder: Path, limits: HostLimits
    ) -> None:
        self._catalog = catalog
        self._registry = registry
        self._folder = folder
        self._limits = limits
        self._lock = threading.RLock()
        self._known: tuple[float, dict[str, PluginRecord], dict[str, FoundPlugin]] = (0.0, {}, {})
        self._hosts: dict[tuple[str, str], PluginHost] = {}

    def all(self) -> list[PluginInfo]:
        """Return all plugins by name, without running any that is not enabled."""
        records, found = self._catalog().plugins.all(), find_plugins(self._folder)
        packs = self._catalog().packs.all()
        return [
            self._info(name, found.get(name), records.get(name), packs.get(name)) for name in sorted({*records, *found})
        ]

    def show(self, name: str) -> PluginInfo:
        """Return one plugin; one that was never enabled is loaded, without the network, to see what it wants.

        Raises:
            NotFoundError: there is none of this name.
        """
        info = next((one for one in self.all() if one.name == name), None)
        if info is None:
            raise NotFoundError(f"there is no plugin {name!r}", "see `assistant plugins list`")
        found = find_plugins(self._folder).get(name)
        if info.state not in {"new", "changed"} or found is None:
            return info
        try:
            described = self._describe(found)
        except AssistantError as error:
            return replace(info, state="broken", error=str(error), mark=found.mark)
        manifest = unpack_manifest(described["manifest"])
        return replace(info, version=manifest.version, manifest=manifest, offers=_offers(described), mark=found.mark)

    def enable(self, name: str, use: PackUse | None = None, mark: str = "") -> PluginInfo:
        """Use the plugin from now on, as the version that it is now; its sources' configurations are migrated first.

        Args:
            name: the plugin's.
            use: who is to have it, where it is a pack; it replaces who had it before.
            mark: of what was looked at; empty: whatever is there.

        Raises:
            NotFoundError: there is none of this name, or no source that `use` names.
            ChangedMeanwhileError: another version is there than the one that was looked at.
            PluginError: it cannot be loaded, is for another version of the interface, or offers what another does.
            ConfigurationError: a source's configuration cannot be migrated, or `use` does not fit; nothing is changed.
        """
        found = find_plugin(self._folder, name)
        if found is None:
            raise NotFoundError(f"there is no plugin {name!r}", "see `assistant plugins list`")
        if mark and mark != found.mark:
            raise ChangedMeanwhileError(f"the plugin {name!r} changed since it was looked at", "look at it again")
        check_use(self._catalog(), self._registry.packs, name, use)
        table = self._catalog().plugins
        former = table.all().get(name)
        if found.is_built_in:
            table.put(PluginRecord(name, True, found.mark, found.mark))
            if use is not None:
                give(self._catalog(), self._registry.packs, name, use)
        else:
            try:
                described = self._describe(found)
                manifest = unpack_manifest(described["manifest"])
                self._check_offers(name, described)
                for source, config in self._migrated(found, described, former, manifest):
                    self._catalog().sources.set_config(source, config)
            except AssistantError as error:
                kept = former or PluginRecord(name, False, "", found.mark)
                table.put(PluginRecord(name, kept.enabled, kept.version, kept.mark, kept.described, str(error)))
                raise
            table.put(PluginRecord(name, True, manifest.version, found.mark, described))
        self._forget()
        return self._shown(name)

    def disable(self, name: str) -> PluginInfo:
        """Use the plugin no more; what came from its sources stays.

        Raises:
            NotFoundError: there is none of this name.
            ConfigurationError: the assistant cannot do without it.
        """
        info = self._shown(name)
        if any(what == "parser" for what, _ in info.offers) and info.origin == "built-in":
            raise ConfigurationError(f"{name} cannot be disabled: nothing could be read without it", "leave it on")
        record = self._catalog().plugins.all().get(name) or PluginRecord(name, False, info.version, info.version)
        self._catalog().plugins.put(PluginRecord(name, False, record.version, record.mark, record.described))
        take(self._catalog(), self._registry.packs, name)
        self._forget()
        self._known_records()  # ends its processes
        return self._shown(name)

    def health(self, name: str) -> str:
        """Ask an enabled plugin how it is, and return its line: empty if it has nothing to say.

        Raises:
            NotFoundError: there is none of this name.
            ConfigurationError: it is not enabled.
            PluginError: it is not well; the message says why.
        """
        info = self._shown(name)
        if info.state != "enabled":
            raise ConfigurationError(f"the plugin {name!r} is {info.state}", _AGAIN.format(name))
        try:
            if info.origin == "built-in":
                return self._own_health(name)
            answer, _ = self._enabled_host(name).ask({"do": "health"})
        except AssistantError as error:
            self._catalog().plugins.note(name, str(error))
            raise PluginError(f"the plugin {name!r} is not well: {error.message}", error.hint) from error
        self._catalog().plugins.note(name, "")
        return str(answer.get("health", ""))

    def close(self) -> None:
        """End the plugins' processes."""
        with self._lock:
            hosts, self._hosts = list(self._hosts.values()), {}
        for host in hosts:
            host.close()

    def sources(self) -> Mapping[str, SourceKind]:
        """See `registry.Guests`; kinds of a plugin that changed or went say so when they are used."""
        kinds: dict[str, SourceKind] = {}
        for record, found in self._records():
            described = record.described.get("sources", {})
            if found is None or found.mark != record.mark:
                what = "is not there any more" if found is None else "is another version than the one that was enabled"
                why = f"the plugin {record.name!r} {what}"
                hint = "install it again, or disable it" if found is None else _AGAIN.format(record.name)
                kinds.update((kind, StoppedKind(kind, schema, why, hint)) for kind, schema in described.items())
            else:
                host = self._host(found, unpack_manifest(record.described["manifest"]))
                kinds.update((kind, GuestKind(host, kind, schema)) for kind, schema in described.items())
        return kinds

    def parsers(self) -> Sequence[Parser]:
        """See `registry.Guests`."""
        return self._offered(lambda host, described: [GuestParser(host, *both) for both in described["parsers"]])

    def tools(self) -> Mapping[str, Tool]:
        """See `registry.Guests`."""
        found = self._offered(lambda host, described: [GuestTool(host, **tool) for tool in described["tools"]])
        return {tool.name: tool for tool in found}

    def post_processors(self) -> Sequence[PostProcessor]:
        """See `registry.Guests`."""
        return self._offered(lambda host, told: [GuestPostProcessor(host, name) for name in told["post_processors"]])

    def off(self) -> frozenset[str]:
        """See `registry.Guests`."""
        return frozenset(name for name, record in self._known_records().items() if not record.enabled)

    def place_of_parser(self, parser: str) -> str:
        """Return where a parser's plugin is, for parser processes; empty for a built-in one."""
        for record, found in self._records():
            if found is not None and any(name == parser for name, _ in record.described.get("parsers", ())):
                return str(found.place.text)
        return ""

    def _offered(self, offers: Callable[[PluginHost, Mapping[str, Any]], Sequence[T]]) -> list[T]:
        result: list[T] = []
        for record, found in self._records():
            if found is not None and found.mark == record.mark:
                manifest = unpack_manifest(record.described["manifest"])
                result += offers(self._host(found, manifest), record.described)
        return result

    def _records(self) -> list[tuple[PluginRecord, FoundPlugin | None]]:
        """Return the enabled plugins of other processes, and what is there of each."""
        guests = [record for record in self._known_records().values() if record.enabled and record.described]
        return [(record, self._known[2].get(record.name)) for record in guests]

    def _known_records(self) -> dict[str, PluginRecord]:
        table = self._catalog().plugins  # before the lock: opening it takes another one
        ended: Sequence[PluginHost] = ()
        with self._lock:
            at, records, found = self._known
            if time.monotonic() - at > _SECONDS or at == 0.0:
                records = table.all()
                needed = any(record.enabled and record.described for record in records.values())
                found = find_plugins(self._folder) if needed else {}
                self._known = (time.monotonic(), records, found)
                used = {(name, one.mark) for name, one in records.items() if one.enabled}
                ended = [self._hosts.pop(key) for key in list(self._hosts) if key not in used]
        for host in ended:  # of plugins that were disabled or are another version now
            host.close()
        return records

    def _forget(self) -> None:
        with self._lock:
            self._known = (0.0, {}, {})

    def _shown(self, name: str) -> PluginInfo:
        info = next((one for one in self.all() if one.name == name), None)
        if info is None:
            raise NotFoundError(f"there is no plugin {name!r}", "see `assistant plugins list`")
        return info

    def _info(
        self, name: str, found: FoundPlugin | None, record: PluginRecord | None, pack: PackRecord | None
    ) -> PluginInfo:
        if found is None:
            assert record is not None  # noqa: S101 (a name comes from one or the other)
            told = unpack_manifest(record.described["manifest"]) if record.described else None
            state: State = "gone" if record.enabled else "disabled"
            return PluginInfo(name, "gone", state, record.version, told, _offers(record.described), record.error)
        error = found.problem or (record.error if record else "")
        if found.is_built_in:
            missing = pack is None and name in self._registry.packs.all
            state = "disabled" if missing or (record is not None and not record.enabled) else "enabled"
            offers = tuple(self._registry.offers(name))
            manifest = self._registry.manifests.get(name)
            return PluginInfo(name, found.origin, state, found.mark, manifest, offers, error, pack, found.mark)
        described = record.described if record is not None else {}
        manifest = unpack_manifest(described["manifest"]) if described else None
        version = found.mark if found.origin != "folder" or manifest is None else manifest.version
        if found.problem:
            state = "broken"
        elif record is None or not record.described:
            state = "broken" if error else "new"
        elif record.mark != found.mark:
            state = "changed" if record.enabled else "disabled"
        else:
            state = "enabled" if record.enabled else "disabled"
        return PluginInfo(name, found.origin, state, version, manifest, _offers(described), error, mark=found.mark)

    def _describe(self, found: FoundPlugin) -> dict[str, Any]:
        """Load the plugin in a process without the network and return what it says of itself."""
        host = PluginHost(found.place, self._limits, network=False, on_trouble=log.warning)
        try:
            described = host.describe()
            unpack_manifest(described["manifest"])
            for tool in described["tools"]:
                check_tool(GuestTool(host, **tool))
        except (KeyError, TypeError, ValueError) as error:
            raise PluginError(f"the plugin {found.name!r} described itself with rubbish: {error}") from error
        else:
            return described
        finally:
            host.close()

    def _check_offers(self, name: str, described: Mapping[str, Any]) -> None:
        """Raise PluginError where the plugin offers what another has already."""
        others = [self._registry.offers(plugin) for plugin in ("", *self._registry.manifests)]
        others += [
            list(_offers(record.described))
            for record in self._catalog().plugins.all().values()
            if record.enabled and record.name != name
        ]
        taken = {offer for offers in others for offer in offers}
        for what, offered in _offers(described):
            if (what, offered) in taken:
                raise PluginError(f"another plugin offers the {what} {offered!r} already", "disable one of them")

    def _migrated(
        self, found: FoundPlugin, described: Mapping[str, Any], former: PluginRecord | None, manifest: Manifest
    ) -> list[tuple[str, dict[str, Any]]]:
        """Return the plugin's sources with their configurations as this version has them, where they change."""
        if former is None or former.version in {"", manifest.version} or not described.get("migrates"):
            return []
        result = []
        host = PluginHost(found.place, self._limits, network=bool(manifest.permissions.hosts))
        try:
            for source in self._catalog().sources.all():
                schema = described["sources"].get(source.kind)
                if schema is None:
                    continue
                config = revealed(source.config)
                hidden = tuple(long_texts(source.config))
                request = {"do": "migrate", "kind": source.kind, "config": config, "from": former.version}
                migrated = host.ask(request, hidden=hidden)[0].get("config")
                if not isinstance(migrated, dict):
                    raise ConfigurationError(
                        f"the plugin {host.name!r} migrated the configuration of {source.name!r} to no object",
                        "report it to its author; the former version goes on working if it is installed again",
                    )
                result.append((source.name, GuestKind(host, source.kind, schema).validate(migrated)))
        finally:
            host.close()
        return result

    def _host(self, found: FoundPlugin, manifest: Manifest) -> PluginHost:
        table, name = self._catalog().plugins, found.name  # before the lock: opening it takes another one
        with self._lock:
            host = self._hosts.get((found.name, found.mark))
            if host is None:
                network = bool(manifest.permissions.hosts)

                def trouble(text: str) -> None:
                    log.warning("%s", text)
                    table.note(name, text)

                host = PluginHost(found.place, self._limits, network=network, on_trouble=trouble)
                self._hosts[found.name, found.mark] = host
            return host

    def _enabled_host(self, name: str) -> PluginHost:
        for record, found in self._records():
            if record.name == name and found is not None:
                return self._host(found, unpack_manifest(record.described["manifest"]))
        raise ConfigurationError(f"the plugin {name!r} is not enabled", _AGAIN.format(name))

    def _own_health(self, name: str) -> str:
        from importlib.metadata import entry_points

        point = next(iter(entry_points(group=GROUP, name=name)))
        health = getattr(importlib.import_module(point.module), "health", None)
        try:
            return str(health() or "") if health else ""
        except AssistantError:
            raise
        except Exception as error:
            raise PluginError(f"{type(error).__name__}: {error}") from error


def _offers(described: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    if not described:
        return ()
    return (
        *(("source", kind) for kind in described["sources"]),
        *(("parser", name) for name, _ in described["parsers"]),
        *(("tool", tool["name"]) for tool in described["tools"]),
        *(("post-processor", name) for name in described["post_processors"]),
    )
