"""Adds, changes, tries, switches and removes configured tools, and offers them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant.catalog import Catalog, ToolRecord, keep_masked
from assistant.errors import AccessDeniedError, AssistantError, ConfigurationError, NotFoundError, ToolError
from assistant.interfaces import Tool
from assistant.registry import TOOL_NAME, Places, PluginRegistry, ToolKind
from assistant.toolbox.making import Maker, checked
from assistant.toolbox.offered import OfferedTool
from assistant.toolbox.settings_tools import records_of_settings
from assistant.toolbox.values import Origin, Sketch, State, ToolInfo
from assistant.types import User

log = logging.getLogger(__name__)
_SECONDS = 3.0  # after which the catalog is asked again
_LONGEST_NAME = 40  # characters: names of a kind's tools begin with it


class ToolDesk:
    """The configured tools; implements `registry.ConfiguredTools`. Safe to use from several threads.

    Args:
        catalog: opened when it is asked for first.
        registry: knows the kinds, and all other tools.
        settings: tools of the settings file: of each name its kind, groups and configuration.
        places: where on this machine the tools of admins may look.

    Raises:
        ConfigurationError: a tool of the settings is wrong; the message names the field.
    """

    def __init__(
        self,
        catalog: Callable[[], Catalog],
        registry: PluginRegistry,
        settings: Mapping[str, Mapping[str, Any]],
        places: Places,
    ) -> None:
        self._places = places
        self._catalog = catalog
        self._registry = registry
        self._settings = records_of_settings(registry, settings)
        self._maker = Maker(registry, self._note)
        self._lock = threading.Lock()
        self._known: tuple[float, list[ToolRecord]] = (0.0, [])

    @property
    def kinds(self) -> Mapping[str, ToolKind]:
        """The kinds of tools that can be configured, by name."""
        return self._registry.tool_kinds

    def for_user(self, user: User) -> list[Tool]:
        """Return every tool that this user may use, by name; those of documents show what this user may read."""
        return [tool for _, tool in sorted(self._registry.tools_for(user).items())]

    def tools(self) -> Mapping[str, Tool]:
        """See `registry.ConfiguredTools`; no server is asked for those of the catalog."""
        offered: dict[str, Tool] = {}
        kinds = self._registry.tool_kinds
        for record in reversed(self._records()):  # the settings, which come first, have their names
            if record.enabled and record.kind in kinds:
                find = self._finder(record)
                offered.update((one.name, OfferedTool(one, record.groups, find)) for one in self._sketches(record))
        return offered

    def all(self) -> list[ToolInfo]:
        """Return all configured tools by name, as they are now."""
        self._forget()
        found = self._registry.tools
        return sorted((self._info(record, found) for record in self._records()), key=lambda info: info.name)

    def show(self, name: str) -> ToolInfo:
        """Return one configured tool. Raises NotFoundError."""
        info = next((one for one in self.all() if one.name == name), None)
        if info is None:
            raise NotFoundError(f"there is no configured tool {name!r}", "see `assistant tools list`")
        return info

    def add(self, name: str, kind: str, config: Mapping[str, Any], groups: Sequence[str], by: User) -> ToolInfo:
        """Add a tool that was tried, and switch it on.

        Args:
            name: lower-case letters, digits and `_`.
            kind: one of `kinds`.
            config: its configuration.
            groups: who may use it; none: the operator only.
            by: who adds it.

        Raises:
            ConfigurationError: the name, the kind or a field is wrong.
            AccessDeniedError: only the operator configures this kind, or what lies in the home.
            AssistantError: it cannot be used as it is configured; the message says why.
        """
        if not TOOL_NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
            raise ConfigurationError(
                f"{name!r} cannot be the name of a tool", f"use a-z, 0-9 and _, {_LONGEST_NAME} characters at most"
            )
        self._forget()
        if name in self._registry.tools or name in {record.name for record in self._records()}:
            raise ConfigurationError(f"there is a tool {name!r} already", "choose another name")
        values = self._validated(kind, config, f"tool {name!r}", by)
        record = ToolRecord(name, kind, values, _named(groups), enabled=True, described=())
        tools, tried = self._tried(record, frozenset())
        described = [Sketch.of(tool).stored() for tool in tools.values()]
        self._catalog().tools.add(replace(record, described=described))
        return replace(self.show(name), tried=tried)

    def try_new(self, kind: str, config: Mapping[str, Any], by: User) -> str:
        """Try a configuration before it is added, and return a line on what was tried. Raises as `add`."""
        values = self._validated(kind, config, f"tool kind {kind!r}", by)
        return checked(self._maker.fresh(ToolRecord("tool", kind, values, (), enabled=True, described=())))

    def change(
        self,
        name: str,
        by: User,
        *,
        config: Mapping[str, Any] | None = None,
        groups: Sequence[str] | None = None,
    ) -> ToolInfo:
        """Change what is given, a configuration after it was tried; a secret that is sent as its mask stays what it is.

        Raises:
            NotFoundError: there is no such tool.
            AssistantError: as `add`, or the tool is of the settings; nothing is changed.
        """
        record = self._changeable(name)
        changes: dict[str, Any] = {} if groups is None else {"groups": _named(groups)}
        tried = ""
        if groups is not None and record.kind in self.kinds:
            self._may_configure(self._registry.tool_kind(record.kind), by)
        if config is not None:
            values = keep_masked(record.config, config)
            values = self._validated(record.kind, values, f"tool {name!r}", by, record.config)
            tools, tried = self._tried(replace(record, config=values), self._names(record))
            changes |= {"config": values, "described": [Sketch.of(tool).stored() for tool in tools.values()]}
        self._catalog().tools.change(name, **changes)
        return replace(self.show(name), tried=tried)

    def test(self, name: str) -> ToolInfo:
        """Make the tool anew, try what it needs, and offer it as it is now; `tried` says what was tried.

        Raises:
            NotFoundError: there is no such tool.
            AssistantError: it cannot be used; the message says why, and is kept.
        """
        record = self._named_record(name)
        try:
            tools, tried = self._tried(record, self._names(record))
        except AssistantError as error:
            self._note(record, str(error))
            raise
        if record.mark:  # not one of the settings
            self._catalog().tools.change(name, described=[Sketch.of(tool).stored() for tool in tools.values()])
        return replace(self.show(name), tried=tried)

    def enable(self, name: str) -> ToolInfo:
        """Try the tool and switch it on. Raises as `test`, and where it is of the settings."""
        self._changeable(name)
        tried = self.test(name).tried
        self._catalog().tools.change(name, enabled=True)
        return replace(self.show(name), tried=tried)

    def disable(self, name: str) -> ToolInfo:
        """Switch the tool off, from the next call on. Raises NotFoundError, or ConfigurationError for the settings'."""
        self._changeable(name)
        self._catalog().tools.change(name, enabled=False)
        return self.show(name)

    def remove(self, name: str) -> ToolInfo:
        """Forget the tool with its secrets; returns it as it was. Raises as `disable`."""
        self._changeable(name)
        former = self.show(name)
        self._catalog().tools.remove(name)
        self._forget()
        return former

    def _validated(
        self, kind: str, config: Mapping[str, Any], what: str, by: User, known: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        found = self._registry.tool_kind(kind)
        self._may_configure(found, by)
        self._places.refuse(config, found.schema(), by, known)
        return found.validate(config, what)

    @staticmethod
    def _may_configure(kind: ToolKind, by: User) -> None:
        if kind.for_operators and by.role != "operator":
            raise AccessDeniedError(
                f"only the operator configures tools of the kind {kind.kind!r}: they run programs on this machine",
                "`assistant tools add` at the machine's own command line",
            )

    def _tried(self, record: ToolRecord, own: frozenset[str]) -> tuple[dict[str, Tool], str]:
        """Make the record's tools and try what they need; refuse names that others have, but for its `own`."""
        tools = self._maker.fresh(record)
        taken = sorted((tools.keys() - own) & self._registry.tools.keys())
        if taken:
            raise ConfigurationError(f"there is a tool {taken[0]!r} already", "choose another name")
        return tools, checked(tools)

    def _finder(self, record: ToolRecord) -> Callable[[str], Tool]:
        def find(name: str) -> Tool:
            self._forget()  # another process may just have taken a right away
            now = next((one for one in self._records() if one.name == record.name), None)
            if now is None or now.mark != record.mark or record.kind not in self._registry.tool_kinds:
                raise ToolError(f"{name} was changed or switched off just now", "do without")
            return self._maker.one(now, name)

        return find

    def _names(self, record: ToolRecord) -> frozenset[str]:
        return frozenset(one.name for one in self._sketches(record))

    def _sketches(self, record: ToolRecord) -> list[Sketch]:
        if record.mark:
            return [Sketch(**one) for one in record.described]
        try:
            return [Sketch.of(tool) for tool in self._maker.tools(record).values()]
        except AssistantError:  # it is logged, stands in `all`, and is tried again
            return []

    def _info(self, record: ToolRecord, found: Mapping[str, Tool]) -> ToolInfo:
        sketches = tuple(self._sketches(record))
        error = record.error if record.mark else self._error_of_settings(record)
        if record.enabled and not error:
            own = [one.name for one in sketches if not isinstance(found.get(one.name), OfferedTool)]
            if own and record.kind in self.kinds:
                error = f"a plugin offers a tool {own[0]!r} too, which is used instead"
        state: State = "failing" if error else "enabled"
        if record.kind not in self.kinds:
            state = "stopped"
        elif not record.enabled:
            state = "disabled"
        origin: Origin = "catalog" if record.mark else "settings"
        return ToolInfo(record.name, record.kind, origin, state, record.groups, record.config, sketches, error)

    def _error_of_settings(self, record: ToolRecord) -> str:
        if record.kind not in self.kinds:
            return ""
        try:
            self._maker.tools(record)
        except AssistantError as error:
            return str(error)
        return ""

    def _changeable(self, name: str) -> ToolRecord:
        record = self._named_record(name)
        if not record.mark:
            raise ConfigurationError(f"the tool {name!r} stands in the settings", "change `[tools]` there, and restart")
        return record

    def _named_record(self, name: str) -> ToolRecord:
        self._forget()
        for record in self._records():
            if record.name == name:
                return record
        raise NotFoundError(f"there is no configured tool {name!r}", "see `assistant tools list`")

    def _records(self) -> list[ToolRecord]:
        """Return what is configured, first in the settings, then in the catalog."""
        table = self._catalog().tools  # before the lock: opening it takes another one
        with self._lock:
            at, records = self._known
            if at == 0.0 or time.monotonic() - at > _SECONDS:
                named = {record.name for record in self._settings}
                records = [*self._settings, *(record for record in table.all() if record.name not in named)]
                self._known = (time.monotonic(), records)
                self._maker.keep_only(records)
        return records

    def _forget(self) -> None:
        with self._lock:
            self._known = (0.0, [])

    def _note(self, record: ToolRecord, error: str) -> None:
        if error:
            log.warning("the tool %s cannot be used: %s", record.name, error)
        if record.mark:
            self._catalog().tools.note(record.name, error)


def _named(groups: Sequence[str]) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(group.strip() for group in groups))
    if "" in named:
        raise ConfigurationError("groups: a group has no name", "leave it out")
    return named
