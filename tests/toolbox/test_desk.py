"""Configured tools: added, changed, tried, switched, seen by other processes, and for whom they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, SecretStr

from assistant.catalog import MASK, Catalog, Keyring, PluginRecord, masked
from assistant.errors import AccessDeniedError, ConfigurationError, NotFoundError, PluginError, ToolError
from assistant.interfaces import Tool
from assistant.plugin_host import HostLimits, PluginDesk
from assistant.registry import Places, PluginRegistry
from assistant.toolbox import ToolDesk
from assistant.types import LOCAL_OPERATOR, Manifest, Permissions, ToolResult, User

ADMIN = User("root", frozenset({"everyone"}), "admin")
ANN, BOB = User("ann", frozenset({"sales"})), User("bob", frozenset({"team:eu"}))
SECRET = "sec-77aa31"  # noqa: S105 (of lamps that are nowhere)


class LampConfig(BaseModel):
    """A lamp."""

    model_config = ConfigDict(extra="forbid")

    room: str
    key: SecretStr = SecretStr("")


@dataclass
class House:
    """What is behind the lamps: how often they were made, and what is wrong."""

    made: int = 0
    failure: Exception | None = None
    names: tuple[str, ...] = ("",)
    writes: bool = False
    keys: list[str] = field(default_factory=list)


class Lamp:
    def __init__(self, name: str, config: LampConfig, house: House) -> None:
        self.parameters = {"type": "object", "properties": {}}
        self.name, self._config, self._house = name, config, house
        self.description = f"Lights {config.room}."
        self.writes = house.writes

    def run(self, arguments: Any, user: User) -> ToolResult:
        key = self._config.key.get_secret_value()
        self._house.keys.append(key)
        if self._config.room == "cellar":
            raise ToolError(f"no light with {key}")
        return ToolResult(f"{self._config.room} {key}", {"key": [key], key: 1}, told=f"It shines by {key}")


@dataclass
class Process:
    """One process of the assistant."""

    catalog: Catalog
    registry: PluginRegistry
    plugins: PluginDesk
    desk: ToolDesk

    def names(self, user: User = LOCAL_OPERATOR) -> list[str]:
        return [tool.name for tool in self.desk.for_user(user)]

    def tool(self, name: str) -> Tool:
        return self.registry.tool(name)


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def start(tmp_path: Path, house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr("assistant.toolbox.desk._SECONDS", 0.0)
    monkeypatch.setattr("assistant.plugin_host.desk._SECONDS", 0.0)
    processes: list[Process] = []

    def make(name: str, config: LampConfig) -> Any:
        house.made += 1
        if house.failure is not None:
            raise house.failure
        return [Lamp(f"{name}{end}", config, house) for end in house.names]

    def begin(settings: dict[str, Any] | None = None) -> Process:
        catalog = Catalog(f"sqlite:///{tmp_path / 'c.sqlite3'}", Keyring(tmp_path / "key"))
        registry = PluginRegistry()
        registry.begin(Manifest("lamps", "1", permissions=Permissions(secrets=("key",), writes=True)))
        registry.add_tool_kind("lamp", LampConfig, make)
        registry.add_tool_kind("program", LampConfig, make, for_operators=True)
        registry.end()
        registry.begin(Manifest("readers", "1"))
        registry.add_tool_kind("reader", LampConfig, make)
        registry.end()
        plugins = PluginDesk(lambda: catalog, registry, tmp_path / "plugins", HostLimits(20, 1 << 30, 1_000_000))
        registry.attach(plugins)
        desk = ToolDesk(lambda: catalog, registry, settings or {}, Places(tmp_path / "home"))
        registry.attach_tools(desk)
        processes.append(Process(catalog, registry, plugins, desk))
        return processes[-1]

    yield begin
    for process in processes:
        process.catalog.close()


def test_a_tool_is_there_at_once_and_in_other_processes_for_its_groups(start: Any, house: House) -> None:
    one, other = start(), start()
    info = one.desk.add("lamp", "lamp", {"room": "hall", "key": SECRET}, ["sales", "team:eu"], ADMIN)
    assert (info.state, info.origin, info.tried) == ("enabled", "catalog", "it can be made; nothing was called")
    assert masked(info.config) == {"room": "hall", "key": MASK}
    for process in (one, other):
        assert (process.names(ANN), process.names(BOB), process.names(ADMIN)) == (["lamp"], ["lamp"], [])
        assert process.tool("lamp").description == "Lights hall."
    assert house.made == 1, "the other process knows of it without asking anybody"
    shown = ToolResult(f"hall {MASK}", {"key": [MASK], MASK: 1}, told=f"It shines by {MASK}")
    assert other.tool("lamp").run({}, ANN) == shown
    assert house.keys == [SECRET]
    with pytest.raises(ToolError, match="not for this user"):
        other.tool("lamp").run({}, ADMIN)
    assert other.tool("lamp").run({}, LOCAL_OPERATOR)
    held = other.tool("lamp")
    one.desk.change("lamp", ADMIN, groups=["hr"])
    assert other.names(ANN) == []
    with pytest.raises(ToolError, match="changed or switched off just now"):
        held.run({}, ANN)


def test_what_is_taken_away_is_gone_at_once_where_it_is_still_offered(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = start(), start()
    one.desk.add("lamp", "lamp", {"room": "hall"}, ["sales"], ADMIN)
    assert other.names(ANN) == ["lamp"]
    monkeypatch.setattr("assistant.toolbox.desk._SECONDS", 1_000.0)
    one.desk.change("lamp", ADMIN, groups=["hr"])
    assert other.names(ANN) == ["lamp"]
    with pytest.raises(ToolError, match="changed or switched off just now"):
        other.tool("lamp").run({}, ANN)
    assert other.names(ANN) == []


def test_secrets_are_encrypted_and_stay_where_the_mask_is_sent(start: Any, tmp_path: Path, house: House) -> None:
    one = start()
    one.desk.add("lamp", "lamp", {"room": "hall", "key": SECRET}, [], ADMIN)
    with sqlite3.connect(tmp_path / "c.sqlite3") as file:
        stored = file.execute("SELECT config FROM tools").fetchone()[0]
    file.close()
    assert SECRET not in stored
    assert "$encrypted" in stored
    one.desk.change("lamp", ADMIN, config={"room": "cellar", "key": MASK})
    with pytest.raises(ToolError) as raised:
        one.tool("lamp").run({}, LOCAL_OPERATOR)
    assert str(raised.value) == f"no light with {MASK}"
    assert house.keys == [SECRET]
    with pytest.raises(ConfigurationError, match=r"key: .*here is none"):
        one.desk.add("other", "lamp", {"room": "hall", "key": MASK}, [], ADMIN)
    one.catalog.tools.protect()
    assert one.tool("lamp").description == "Lights cellar."


def test_a_tool_is_switched_off_on_and_removed(start: Any) -> None:
    one = start()
    one.desk.add("lamp", "lamp", {"room": "hall"}, ["sales"], ADMIN)
    held = one.tool("lamp")
    assert one.desk.disable("lamp").state == "disabled"
    assert one.names() == []
    with pytest.raises(ToolError, match="switched off"):
        held.run({}, ANN)
    assert one.desk.enable("lamp").state == "enabled"
    assert one.names(ANN) == ["lamp"]
    one.desk.remove("lamp")
    assert (one.names(), one.desk.all()) == ([], [])
    for act in (one.desk.test, one.desk.enable, one.desk.disable, one.desk.remove, one.desk.show):
        with pytest.raises(NotFoundError, match="no configured tool 'lamp'"):
            act("lamp")


def test_what_does_not_work_is_not_added_and_a_later_failure_is_told(start: Any, house: House) -> None:
    one = start()
    house.failure = ToolError("the lamp does not answer")
    with pytest.raises(ToolError, match="does not answer"):
        one.desk.add("lamp", "lamp", {"room": "hall"}, ["sales"], ADMIN)
    assert one.desk.all() == []
    house.failure = None
    one.desk.add("lamp", "lamp", {"room": "hall"}, ["sales"], ADMIN)
    house.failure = RuntimeError("broken")
    other = start()
    assert other.names(ANN) == ["lamp"], "what is offered does not hang on what is behind it"
    for _ in range(3):
        with pytest.raises(ToolError, match=r"lamp cannot be used: .*RuntimeError: broken"):
            other.tool("lamp").run({}, ANN)
    assert house.made == 3, "what cannot be made is not tried at each call"
    shown = one.desk.show("lamp")
    assert shown.state == "failing"
    assert "broken" in shown.error
    with pytest.raises(PluginError, match="broken"):
        one.desk.test("lamp")
    house.failure = None
    assert one.desk.test("lamp").state == "enabled"
    assert other.tool("lamp").run({}, ANN).text == "hall "


def test_several_tools_of_one_configuration(start: Any, house: House) -> None:
    one, house.names = start(), ("_a", "_b")
    info = one.desk.add("lamp", "lamp", {"room": "hall"}, ["sales"], ADMIN)
    assert ([tool.name for tool in info.tools], info.tried[:7]) == (["lamp_a", "lamp_b"], "2 tools")
    house.names = ("_b", "_c")
    other = start()
    with pytest.raises(ToolError, match="lamp_a is not there any more"):
        other.tool("lamp_a").run({}, ANN)
    assert [tool.name for tool in one.desk.test("lamp").tools] == ["lamp_b", "lamp_c"]
    assert other.names(ANN) == ["lamp_b", "lamp_c"]
    house.names = ("else",)
    with pytest.raises(PluginError, match="calls a tool of 'lamp' 'lampelse'"):
        one.desk.test("lamp")


def test_a_tool_that_writes_now_asks_anew(start: Any, house: House) -> None:
    one = start()
    one.desk.add("lamp", "lamp", {"room": "hall"}, ["sales"], ADMIN)
    house.writes = True
    other = start()
    with pytest.raises(ToolError, match="writes now, and did not when it was tried"):
        other.tool("lamp").run({}, ANN)
    assert house.keys == []
    one.desk.test("lamp")
    assert other.tool("lamp").writes
    with pytest.raises(PluginError, match="the manifest of 'readers' does not ask to"):
        one.desk.add("reading", "reader", {"room": "hall"}, [], ADMIN)


@pytest.mark.parametrize(
    ("name", "kind", "config", "groups", "told"),
    [
        ("Lamp", "lamp", {"room": "hall"}, [], "cannot be the name of a tool"),
        ("a" * 41, "lamp", {"room": "hall"}, [], "40 characters at most"),
        ("clock", "lamp", {"room": "hall"}, [], "there is a tool 'clock' already"),
        ("lamp", "fan", {}, [], "no tool kind 'fan'.*choose one of: lamp, program, reader"),
        ("lamp", "lamp", {}, [], "tool 'lamp': room: Field required"),
        ("lamp", "lamp", {"room": "hall", "kye": SECRET}, [], "kye: Extra inputs"),
        ("lamp", "lamp", {"room": "hall"}, ["sales", " "], "a group has no name"),
    ],
)
def test_what_is_wrong_is_named(
    start: Any, name: str, kind: str, config: dict[str, Any], groups: list[str], told: str
) -> None:
    one = start({"clock": {"kind": "lamp", "room": "tower", "groups": ["everyone"]}})
    with pytest.raises(ConfigurationError, match=told) as raised:
        one.desk.add(name, kind, config, groups, ADMIN)
    assert SECRET not in str(raised.value)


def test_only_the_operator_configures_what_runs_programs(start: Any) -> None:
    one = start()
    told = "only the operator configures tools of the kind 'program'"
    with pytest.raises(AccessDeniedError, match=told):
        one.desk.try_new("program", {"room": "hall"}, ADMIN)
    with pytest.raises(AccessDeniedError, match=told):
        one.desk.add("lamp", "program", {"room": "hall"}, ["sales"], ADMIN)
    one.desk.add("lamp", "program", {"room": "hall"}, ["sales"], LOCAL_OPERATOR)
    with pytest.raises(AccessDeniedError, match=told):
        one.desk.change("lamp", ADMIN, config={"room": "cellar"})
    with pytest.raises(AccessDeniedError, match=told):
        one.desk.change("lamp", ADMIN, groups=["hr"])
    assert one.tool("lamp").description == "Lights hall."
    assert one.desk.change("lamp", LOCAL_OPERATOR, groups=["hr"]).groups == ("hr",)


def test_tools_of_the_settings_are_shown_and_not_changed(start: Any, house: House) -> None:
    one = start({"tower": {"kind": "lamp", "room": "tower", "key": SECRET, "groups": ["sales"]}})
    assert house.made == 0, "nothing is asked at the start"
    assert one.names(ANN) == ["tower"]
    assert one.tool("tower").run({}, ANN).text == f"tower {MASK}"
    (info,) = one.desk.all()
    assert (info.origin, info.state, masked(info.config)["key"]) == ("settings", "enabled", MASK)
    assert one.desk.test("tower").state == "enabled"
    for act in (one.desk.enable, one.desk.disable, one.desk.remove):
        with pytest.raises(ConfigurationError, match="'tower' stands in the settings"):
            act("tower")
    with pytest.raises(ConfigurationError, match="stands in the settings"):
        one.desk.change("tower", ADMIN, groups=[])
    house.failure = ToolError("dark")
    late = start({"tower": {"kind": "lamp", "room": "tower", "groups": ["sales"]}})
    assert late.names() == []
    assert (late.desk.show("tower").state, late.desk.show("tower").error) == ("failing", "dark")


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"kind": "fan"}, "tool 'x': there is no tool kind 'fan'"),
        ({"kind": "lamp", "room": "hall"}, "tool 'x': groups"),
        ({"kind": "lamp", "room": "hall", "groups": "sales"}, "tool 'x': groups"),
        ({"kind": "lamp", "room": "hall", "groups": ["a"], "key": [SECRET]}, "tool 'x': key"),
    ],
)
def test_a_wrong_table_of_the_settings_stops_the_start(start: Any, table: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as raised:
        start({"x": table})
    assert SECRET not in str(raised.value)


def test_a_disabled_plugin_takes_its_tools_along(start: Any) -> None:
    one = start({"tower": {"kind": "lamp", "room": "tower", "groups": ["sales"]}})
    one.desk.add("lamp", "lamp", {"room": "hall"}, ["sales"], ADMIN)
    held = one.tool("lamp")
    one.catalog.plugins.put(PluginRecord("lamps", False, "1", "1"))
    assert one.names() == []
    assert {info.name: info.state for info in one.desk.all()} == {"lamp": "stopped", "tower": "stopped"}
    assert sorted(one.desk.kinds) == ["reader"]
    with pytest.raises(ToolError, match="switched off"):
        held.run({}, ANN)
    one.catalog.plugins.put(PluginRecord("lamps", True, "1", "1"))
    assert one.names(ANN) == ["lamp", "tower"]


def test_a_plugins_tool_of_the_same_name_is_used_and_it_is_said(start: Any) -> None:
    one = start()
    one.desk.add("lamp", "lamp", {"room": "hall"}, ["sales"], ADMIN)
    one.registry.add_tool(Lamp("lamp", LampConfig(room="attic"), House()))
    assert one.tool("lamp").description == "Lights attic."
    assert one.desk.show("lamp").error == "a plugin offers a tool 'lamp' too, which is used instead"
    assert one.names(BOB) == ["lamp"], "a plugin's tool is for all"


def test_no_admin_s_tool_looks_into_the_home(start: Any, house: House, tmp_path: Path) -> None:
    one = start()
    (tmp_path / "home").mkdir()
    (tmp_path / "way").symlink_to(tmp_path / "home")
    room = f"sqlite:///{tmp_path}/way/catalog.sqlite3?mode=ro"
    for attempt in (
        lambda: one.desk.add("lamp", "lamp", {"room": room}, ["sales"], ADMIN),
        lambda: one.desk.try_new("lamp", {"room": room}, ADMIN),
    ):
        with pytest.raises(AccessDeniedError, match="own home"):
            attempt()
    one.desk.add("lamp", "lamp", {"room": "hall"}, ["sales"], ADMIN)
    with pytest.raises(AccessDeniedError, match="own home"):
        one.desk.change("lamp", ADMIN, config={"room": room})
    one.desk.change("lamp", LOCAL_OPERATOR, config={"room": room})
