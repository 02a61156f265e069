"""Every setting, error, option, interface and dependency is documented, and the pages say what the code does."""

from __future__ import annotations

import importlib.util
import itertools
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from assistant import errors
from assistant.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "infra" / "docs"


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generator", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATOR = _generator()


def _page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("section", list(GENERATOR.SECTIONS))
def test_the_page_is_what_the_code_says(section: str) -> None:
    page, text = GENERATOR.render(section)
    assert page.read_text(encoding="utf-8") == text, f"{page.name} is out of date: run `make docs`"


def test_every_setting_is_documented() -> None:
    page = _page("settings.md")
    for name, field in Settings.model_fields.items():
        assert field.description, f"the setting {name} has no description"
        assert f"| `{name}` | `{PREFIX}{name.upper()}` | " in page


def test_every_error_is_in_the_tree_and_documented() -> None:
    page, tree = _page("errors.md"), (errors.__doc__ or "").splitlines()
    for error in GENERATOR.error_classes():
        drawn = [line for line in tree if re.search(rf"(^|─ ){error.__name__}\b", line)]
        assert len(drawn) == 1, f"{error.__name__} is not in the tree at the top of assistant/errors.py"
        assert ("(retryable)" in drawn[0]) == error.retryable or error is errors.AssistantError, drawn[0]
        depth = len(error.__mro__) - len(errors.AssistantError.__mro__)
        assert drawn[0].index(error.__name__) == 4 * depth, f"{error.__name__} is drawn under the wrong parent"
        assert re.search(rf"### {error.__name__}\n\n- A kind of: .+\n- Cause: .+\n- Trying .+\n- Next step: .+\n", page)


def test_every_command_and_option_is_documented() -> None:
    page = _page("cli.md")
    commands = list(GENERATOR.cli_commands())
    assert {"assistant ask", "assistant ingest", "assistant search", "assistant up"} <= {path for path, _ in commands}
    for path, command in commands:
        part = page.split(f"### {path}\n")[1].split("\n### ")[0]
        for parameter in command.params:
            if parameter.name in {"help", "install_completion", "show_completion"} or parameter.hidden:
                continue
            assert parameter.help, f"{path}: {parameter.opts[0]} has no help text"
            names = (
                parameter.opts
                if parameter.param_type_name == "option"
                else [parameter.metavar or parameter.name.upper()]
            )
            assert all(name in part for name in names), f"{path}: {names}"


def test_every_protocol_and_method_is_documented() -> None:
    modules = sorted((ROOT / "assistant" / "interfaces").glob("*.py"))
    source = "\n".join(path.read_text(encoding="utf-8") for path in modules)
    page = _page("plugins.md")
    protocol = ""
    found = 0
    for line in source.splitlines():
        if named := re.match(r"class (\w+)\((?:.+, )?Protocol\):", line):
            protocol = named[1]
            assert f"\n### {protocol}\n" in page
        elif protocol and (method := re.match(r"    def (\w+)\(", line)):
            found += 1
            assert f"\n#### {protocol}.{method[1]}" in page
    assert found > 20


def _direct_dependencies(*, without: str = "") -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [wanted for name, wanted in project["optional-dependencies"].items() if name != without]
    wanted = [*project["dependencies"], *itertools.chain.from_iterable(extras)]
    return {re.split(r"[^A-Za-z0-9._-]", requirement)[0] for requirement in wanted} - {project["name"]}


def test_every_direct_dependency_is_documented() -> None:
    listed = set(re.findall(r"^\| ([a-z0-9._-]+) \|", _page("dependencies.md"), flags=re.MULTILINE))
    assert listed - {"---"} == _direct_dependencies()


def test_every_direct_dependency_is_pinned() -> None:
    pins = re.findall(r"^([A-Za-z0-9._-]+)==\S+$", (ROOT / "constraints.txt").read_text("utf-8"), flags=re.MULTILINE)
    assert _direct_dependencies(without="vllm") <= set(pins)  # vllm's server has an environment of its own


def test_links_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "infra").rglob("*.md")]
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not dead


def test_the_example_plugin_works() -> None:
    from assistant.registry import PluginRegistry
    from assistant.types import DocumentRef

    code = _page("plugins.md").split("<!-- example -->\n```python\n")[1].split("```")[0]
    namespace: dict[str, object] = {}
    exec(compile(code, "plugins.md", "exec"), namespace)  # noqa: S102 (our own page)
    registry = PluginRegistry()
    namespace["register"](registry)  # type: ignore[operator]
    ref = DocumentRef("s", "a.log", "1", "a", "file:///a.log", "text/plain")
    document = registry.parser_for(ref).parse(ref, b"one line")
    assert document.text == "one line"
    with pytest.raises(errors.EmptyDocumentError):
        registry.parser_for(ref).parse(ref, b" \n")
