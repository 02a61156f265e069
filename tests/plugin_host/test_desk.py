"""What an admin does with plugins: look, enable, disable, upgrade."""

from __future__ import annotations

import pytest

from assistant.errors import ConfigurationError, NotFoundError, PluginError
from assistant.plugin_host import HostLimits, PluginDesk
from assistant.registry import PluginRegistry
from assistant.types import LOCAL_OPERATOR
from tests.plugin_host.conftest import Site
from tests.plugin_host.plugins import MIGRATING, MOVING

MARKED = "import pathlib\npathlib.Path({path!r}).write_text('ran')\n"
MANIFEST = "from assistant.types import Manifest\nMANIFEST = Manifest({})\n"
TOOL = """
class T:
    name = {name!r}
    description = "d"
    parameters = {{"type": "object"}}
    writes = {writes}
    def run(self, arguments, user): ...
def register(registry):
    registry.add_tool(T())
"""


def state(site: Site, name: str) -> tuple[str, str]:
    info = next(one for one in site.desk.all() if one.name == name)
    return info.state, info.error


def test_built_in_ones_are_enabled_from_the_start(site: Site):
    assert state(site, "folder") == ("enabled", "")
    info = site.desk.show("folder")
    assert (info.origin, info.offers) == ("built-in", (("source", "folder"),))
    assert site.desk.health("folder") == ""


def test_a_built_in_one_can_be_disabled_but_the_parsers_cannot(site: Site):
    site.desk.disable("folder")
    assert "folder" not in site.registry.sources
    site.desk.enable("folder")
    assert "folder" in site.registry.sources
    with pytest.raises(ConfigurationError, match="cannot be disabled"):
        site.desk.disable("parsers")


def test_nothing_of_a_stranger_runs_before_an_admin_looks(site: Site):
    mark = site.folder.parent / "mark"
    site.put("stranger", MARKED.format(path=str(mark)) + "def register(registry): ...\n")
    assert state(site, "stranger") == ("new", "")
    assert not mark.exists()
    info = site.desk.show("stranger")
    assert mark.exists(), "in a process of its own"
    assert info.manifest is not None
    assert not info.manifest.declared
    assert info.manifest.permissions.hosts == ("*",)
    with pytest.raises(ConfigurationError, match="new"):
        site.desk.health("stranger")


def test_another_version_is_not_used_until_it_is_enabled_again(site: Site):
    site.put("moving", MOVING)
    site.desk.enable("moving")
    site.catalog.sources.add("m", "moving", site.registry.validate("moving", {"url": "here"}), {})
    site.put("moving", MIGRATING)
    site.desk._forget()
    assert state(site, "moving")[0] == "changed"
    with pytest.raises(ConfigurationError, match="another version than the one that was enabled"):
        site.registry.make_source("moving", {"url": "x"})
    site.catalog.sources.add("n", "moving", {"url": "bad"}, {})
    with pytest.raises(ConfigurationError, match="address"):
        site.desk.enable("moving")
    assert dict(site.catalog.sources.get("m").config) == {"url": "here"}, "nothing is changed where one cannot be"
    assert "address" in state(site, "moving")[1]
    site.catalog.sources.remove("n")
    assert site.desk.enable("moving").version == "2.0"
    assert dict(site.catalog.sources.get("m").config) == {"address": "here of moving 1.0"}
    assert state(site, "moving") == ("enabled", "")
    (site.folder / "moving.py").unlink()
    site.desk._forget()
    assert state(site, "moving")[0] == "gone"
    with pytest.raises(ConfigurationError, match="is not there any more"):
        site.registry.validate("moving", {"address": "x"})


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("later", MANIFEST.format('"later", "9", api_version=99'), "version 99"),
        ("raising", "1 / 0\n", "ZeroDivisionError"),
        ("quitting", "import os\nos._exit(4)\n", "status 4"),
        ("named", MANIFEST.format('"other", "1"'), "calls itself 'other'"),
        ("odd", "MANIFEST = 5\n", "no assistant.types.Manifest"),
        ("empty", "", "no attribute 'register'"),
        ("clashing", "from plugins.folder import register\n", "offers the source 'folder' already"),
        ("badtool", TOOL.format(name="Bad Tool", writes=False), "not of a-z"),
        (
            "writing",
            MANIFEST.format('"writing", "1"') + TOOL.format(name="w", writes=True),
            "does not ask to",
        ),
        (
            "sly",
            "from pydantic import BaseModel, SecretStr\nfrom assistant.types import Manifest\n"
            'MANIFEST = Manifest("sly", "1")\nclass C(BaseModel):\n    key: SecretStr\n'
            'def register(registry):\n    registry.add_source("sly", C, C)\n',
            "asks for the secret 'key'",
        ),
    ],
)  # fmt: skip
def test_one_that_cannot_be_used_is_named_in_the_list(site: Site, name: str, text: str, words: str):
    site.put(name, text if "def register" in text or name in {"empty", "clashing"} else text + "def register(r): ...\n")
    with pytest.raises(PluginError, match=words):
        site.desk.enable(name)
    found = state(site, name)
    assert found[0] == "broken"
    assert words in found[1]
    (site.folder / f"{name}.py").unlink()


def test_another_process_uses_it_without_being_started_again(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("assistant.plugin_host.desk._SECONDS", 0.0)
    registry = PluginRegistry()
    other = PluginDesk(lambda: site.catalog, registry, site.folder, HostLimits(10, 600 << 20, 1000))
    registry.attach(other)
    site.put("late", TOOL.format(name="late", writes=False))
    assert "late" not in registry.tools
    site.desk.enable("late")
    with pytest.raises(PluginError, match="no ToolResult"):
        registry.tools["late"].run({}, LOCAL_OPERATOR)
    processes = [process for host in other._hosts.values() for process in host._living]
    assert len(processes) == 1
    site.desk.disable("late")
    assert "late" not in registry.tools
    assert not any(process.alive for process in processes), "what is disabled runs nowhere any more"
    other.close()


def test_unknown_names(site: Site):
    for do in (site.desk.show, site.desk.enable, site.desk.disable, site.desk.health):
        with pytest.raises(NotFoundError, match="no plugin 'nobody'"):
            do("nobody")
