"""Real LangChain tools as the assistant's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langchain_core.tools import ToolException, tool

from assistant.catalog import Catalog, Keyring
from assistant.errors import ConfigurationError, ToolError
from assistant.interfaces import Tool
from assistant.plugin_host import HostLimits, PluginDesk
from assistant.registry import PluginRegistry, load_plugin
from assistant.types import LOCAL_OPERATOR
from plugins.langchain import offer

pytestmark = pytest.mark.filterwarnings("ignore:.langchain-community. is being sunset:DeprecationWarning")
ROOT = Path(__file__).parents[3]
FILES = "langchain_community.tools.file_management"


@tool
def locked(record: str) -> str:
    """Open a record."""
    raise ToolException(f"{record} is locked")


locked.handle_tool_error = True


@tool
def halve(number: int) -> dict[str, float]:
    """Halve a number."""
    return {"half": number / 2}


def offered(path: str, arguments: dict[str, Any] | None = None, **options: Any) -> Tool:
    registry = PluginRegistry()
    offer(registry, path, arguments, **options)
    (made,) = registry.tools.values()
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text("The gateway is vpn-frankfurt-2.")
    (tmp_path / "b.md").write_text("# B")
    return tmp_path


def test_read_file(folder: Path):
    read = offered(f"{FILES}.ReadFileTool", {"root_dir": str(folder)}, writes=False)
    assert (read.name, read.description, read.writes) == ("read_file", "Read file from disk", False)
    assert read.parameters["required"] == ["file_path"]
    assert read.run({"file_path": "a.txt"}, LOCAL_OPERATOR).text == "The gateway is vpn-frankfurt-2."
    with pytest.raises(ToolError, match=r"^read_file: ValidationError: .*file_path"):
        read.run({}, LOCAL_OPERATOR)


def test_write_file(folder: Path):
    write = offered(f"{FILES}.WriteFileTool", {"root_dir": str(folder)}, name="note")
    assert (write.name, write.writes) == ("note", True), "a tool of which nobody says that it only reads asks first"
    write.run({"file_path": "c.txt", "text": "new"}, LOCAL_OPERATOR)
    assert (folder / "c.txt").read_text() == "new"


def test_search_files(folder: Path):
    search = offered(f"{FILES}.FileSearchTool", {"root_dir": str(folder)}, writes=False)
    assert search.run({"pattern": "*.md"}, LOCAL_OPERATOR).text == "b.md"


def test_a_decorated_function_and_what_it_raises():
    assert offered(f"{__name__}.halve").run({"number": 5}, LOCAL_OPERATOR).text == '{"half": 2.5}'
    with pytest.raises(ToolError, match=r"^locked: K7 is locked"):
        offered(f"{__name__}.locked").run({"record": "K7"}, LOCAL_OPERATOR)
    with pytest.raises(ToolError, match=r"^halve: ValidationError"):
        offered(f"{__name__}.halve").run({"number": "many"}, LOCAL_OPERATOR)


@pytest.mark.parametrize(
    ("path", "arguments", "words"),
    [
        ("os", {}, "names no LangChain tool"),
        ("langchain_nowhere.Tool", {}, "there is no LangChain tool langchain_nowhere.Tool: No module"),
        ("langchain_core.tools.Nothing", {}, "there is no LangChain tool"),
        ("pathlib.PurePath", {}, "makes no LangChain tool but Pure"),
        ("langchain_core.tools.Tool", {"name": "x"}, "cannot be made: TypeError"),
        (f"{__name__}.halve", {"x": 1}, "takes no arguments"),
    ],
)
def test_what_is_wrong_with_a_path_is_said(path: str, arguments: dict[str, Any], words: str):
    with pytest.raises(ConfigurationError) as raised:
        offered(path, arguments)
    assert words in str(raised.value)


def test_the_example_of_the_page_works_in_a_process_of_its_own(folder: Path, tmp_path: Path):
    page = (ROOT / "infra" / "docs" / "integrations.md").read_text(encoding="utf-8")
    code = page.split("<!-- example: langchain tool -->\n```python\n")[1].split("```")[0]
    assert "/srv/handbook" in code
    (tmp_path / "files.py").write_text(code.replace("/srv/handbook", str(folder)))
    catalog, registry = Catalog(f"sqlite:///{tmp_path / 'c'}", Keyring(tmp_path / "key")), PluginRegistry()
    desk = PluginDesk(lambda: catalog, registry, tmp_path, HostLimits(60, 2 << 30, 2_000_000))
    registry.attach(desk)
    try:
        desk.enable("files")
        found = registry.tool("read_file").run({"file_path": "a.txt"}, LOCAL_OPERATOR)
        assert found.text == "The gateway is vpn-frankfurt-2."
    finally:
        desk.close()
        catalog.close()


def test_a_tool_is_configured_by_its_path(folder: Path):
    registry = PluginRegistry()
    load_plugin(registry, "langchain", "1.0", "plugins.langchain", "register")
    kind = registry.tool_kind("langchain")
    assert kind.for_operators
    config = {"path": f"{FILES}.ReadFileTool", "secrets": {"root_dir": str(folder)}}
    (read,) = kind.make("files", config)
    assert (read.name, read.writes) == ("files", True)
    assert read.run({"file_path": "a.txt"}, LOCAL_OPERATOR).text == "The gateway is vpn-frankfurt-2."
    for wrong, told in (({"path": "os"}, "path: "), ({"path": "json.nothing"}, "no LangChain tool json.nothing")):
        with pytest.raises(ConfigurationError, match=told):
            kind.make("files", wrong)
