"""Writes the reference sections of the Markdown pages beside this file from the code that they describe.

`python infra/docs/generate.py [SECTION...]` writes them; with `--check` it only says which pages are out of date. A
section stands between `<!-- generated: NAME -->` and `<!-- end: NAME -->` (`# generated: NAME` where a page is no
Markdown); all other text of a page is written by hand.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import re
import sys
import textwrap
import tomllib
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from pydantic import SecretStr

HERE = Path(__file__).parent
KINDS = (
    "sources",
    "tools",
    "agent",
    "parsing",
    "models",
    "chat",
    "index",
    "blobs",
    "packs",
    "plugins",
)  # modules of assistant/interfaces
_TYPERS_OWN = {"help", "install_completion", "show_completion"}


def settings_section() -> str:
    """Return a table of every setting: name, variable, default, meaning with the allowed values."""
    from assistant.settings import PREFIX, Settings

    with mock.patch.dict(os.environ, {"HOME": "/HOME"}, clear=True):  # defaults as on a machine where nothing is set
        rows = [
            (f"`{name}`", f"`{PREFIX}{name.upper()}`", _default(field), f"{field.description}{_allowed(field)}")
            for name, field in Settings.model_fields.items()
        ]
    return _table(("Setting", "Variable", "Default", "Meaning"), rows)


def models_section() -> str:
    """Return the tables of the settings of one model, and of one LoRA adapter of it."""
    from assistant.settings import AdapterSettings, ModelSettings

    parts = []
    for head, kind in (("[models.NAME]", ModelSettings), ("[models.NAME.adapters.NAME]", AdapterSettings)):
        rows = [
            (
                f"`{name}`",
                "(needed)" if field.is_required() else _default(field),
                f"{field.description}{_allowed(field)}",
            )
            for name, field in kind.model_fields.items()
        ]
        parts.append(f"`{head}`:\n\n{_table(('Key', 'Default', 'Meaning'), rows)}")
    return "\n\n".join(parts)


def env_section() -> str:
    """Return every setting as a variable that is commented out, with its meaning above it; tables have none."""
    from assistant.settings import PREFIX, Settings

    parts = []
    with mock.patch.dict(os.environ, {"HOME": "/HOME"}, clear=True):
        for name, field in Settings.model_fields.items():
            about = textwrap.wrap(f"{field.description}{_allowed(field)}".replace("`", ""), 118)
            default = _default(field).strip("`").replace("(empty)", "")
            parts.append("\n".join([*(f"# {line}" for line in about), f"# {PREFIX}{name.upper()}={default}"]))
    return "\n\n".join(parts)


def _default(field: Any) -> str:
    if field.is_required():
        return "(needed)"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, tuple):
        value = ",".join(map(str, value))
    text = re.sub(r"^/HOME", "~", str(value))
    return "(empty)" if value in (None, "", [], {}) else f"`{text}`"


def _allowed(field: Any) -> str:
    notes = []
    if typing.get_origin(field.annotation) is typing.Literal:
        notes.append("One of " + ", ".join(f"`{value}`" for value in typing.get_args(field.annotation)) + ".")
    for bound in field.metadata:
        for attribute, words in (("ge", "At least"), ("gt", "More than"), ("le", "At most"), ("lt", "Less than")):
            limit = getattr(bound, attribute, None)
            if limit is not None and (attribute, limit) != ("ge", 0):
                notes.append(f"{words} {limit}.")
    return "".join(f" {note}" for note in notes)


def errors_section() -> str:
    """Return a part for every error: parent, cause (its docstring), whether a retry helps, next step (errors.toml)."""
    steps = tomllib.loads((HERE / "errors.toml").read_text(encoding="utf-8"))
    parts = []
    for error in error_classes():
        if error.__name__ not in steps:
            raise SystemExit(f"infra/docs/errors.toml has no next step for {error.__name__}")
        cause = " ".join(inspect.getdoc(error).split("\n\nArgs:")[0].split())
        parts.append(
            f"### {error.__name__}\n\n"
            f"- A kind of: {f'`{error.__base__.__name__}`' if error.__base__ is not Exception else '(the root)'}\n"
            f"- Cause: {cause}\n"
            f"- Trying again can help: {'yes' if error.retryable else 'no'}\n"
            f"- Next step: {steps[error.__name__]}"
        )
    if unknown := sorted(set(steps) - {error.__name__ for error in error_classes()}):
        raise SystemExit(f"infra/docs/errors.toml names errors that do not exist: {', '.join(unknown)}")
    return "\n\n".join(parts)


def error_classes() -> list[Any]:
    """Return all classes of assistant/errors.py in the order in which they are written."""
    from assistant import errors

    return [value for value in vars(errors).values() if inspect.isclass(value) and value.__module__ == errors.__name__]


def cli_section() -> str:
    """Return a part for every command of `assistant`: what it does, its arguments and its options."""
    parts = []
    for path, command in cli_commands():
        context = command.context_class(command, info_name=path)
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        options = [p for p in command.params if p.param_type_name == "option" and p.name not in _TYPERS_OWN]
        usage = " ".join([path, *(_argument(p) for p in arguments), *(["[OPTIONS]"] if options else [])])
        part = f"### {path}\n\n{_paragraphs(command.help or '')}\n\n```\n{usage}\n```"
        rows = [(f"`{_argument(p)}`", _help(p)) for p in arguments]
        rows += [(f"`{_option(p, context)}`", _help(p)) for p in options if not p.hidden]
        parts.append(part + ("\n\n" + _table(("", "Meaning"), rows) if rows else ""))
    return "\n\n".join(parts)


def cli_commands() -> Iterator[tuple[str, Any]]:
    """Yield every command that can be called and is not hidden, with its words (`assistant sources add`)."""
    from typer.main import get_command

    from assistant.cli import app

    def walk(path: str, command: Any) -> Iterator[tuple[str, Any]]:
        if command.hidden:
            return
        if hasattr(command, "commands"):
            for name, child in command.commands.items():
                yield from walk(f"{path} {name}", child)
        else:
            yield path, command

    root = get_command(app)
    if any(p.name not in _TYPERS_OWN for p in root.params):
        yield "assistant", root
    yield from walk("assistant", root)


def _argument(parameter: Any) -> str:
    name = (parameter.metavar or parameter.name).upper() + ("..." if parameter.nargs == -1 else "")
    return name if parameter.required else f"[{name}]"


def _option(parameter: Any, context: Any) -> str:
    names = str(parameter.get_help_record(context)[0])
    for kind, shown in (("<int>", "N"), ("<int range>", "N"), ("<str>", "TEXT")):
        names = names.replace(kind, shown)
    return names


def _help(parameter: Any) -> str:
    text = " ".join((parameter.help or "").split())
    if parameter.param_type_name == "option" and parameter.default not in (None, True, False, "", [], ()):
        text += f" Default: `{getattr(parameter.default, 'value', parameter.default)}`."
    return text


def interfaces_section() -> str:
    """Return a part for every Protocol of assistant/interfaces with its members and their contracts."""
    parts = []
    for name, protocol in _protocols():
        members = [_member(name, member, value) for member, value in vars(protocol).items()]
        parts.append("\n\n".join([f"### {name}\n\n{_paragraphs(inspect.getdoc(protocol))}", *filter(None, members)]))
    return "\n\n".join(parts)


def checks_section() -> str:
    """Return a table of every check of the conformance kit."""
    from assistant.plugin_kit import CHECKS

    rows = [(check.on, f"`{check.name}`", check.about, ", ".join(check.needs)) for check in CHECKS.values()]
    return _table(("On", "Check", "What has to hold", "Needs of a scene"), rows)


def _protocols() -> Iterator[tuple[str, Any]]:
    """Yield every Protocol with its name, by kind in the order of `KINDS`, as written there."""
    for kind in KINDS:
        module = importlib.import_module(f"assistant.interfaces.{kind}")
        for name, value in vars(module).items():
            if inspect.isclass(value) and value.__module__ == module.__name__:
                yield name, value


def _member(protocol: str, name: str, value: Any) -> str:
    if isinstance(value, property):
        kind = inspect.signature(value.fget or value).return_annotation
        return f"#### {protocol}.{name}: {kind}\n\n{_paragraphs(inspect.getdoc(value))}"
    public = not name.startswith("_") or name == "__call__"
    if not (public and inspect.isfunction(value) and value.__module__.startswith("assistant.interfaces.")):
        return ""
    signature = re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(value)))  # annotations are strings
    signature = signature.replace("(self, ", "(").replace("(self)", "()")
    return f"#### {protocol}.{name}\n\n```python\n{name}{signature}\n```\n\n{_paragraphs(inspect.getdoc(value))}"


def _paragraphs(docstring: str | None) -> str:
    """Turn a docstring into Markdown: `Args:` and the like become lists."""
    if not docstring:
        raise SystemExit("something that has to be documented has no docstring")
    out = []
    for paragraph in inspect.cleandoc(docstring).split("\n\n"):
        first, _, rest = paragraph.partition("\n")
        if re.fullmatch(r"(Args|Raises|Yields|Returns):", first) and rest:
            items = re.sub(r"\n {8,}" if first in {"Args:", "Raises:"} else r"\n +", " ", rest)
            out.append(f"{first}\n\n" + "\n".join(f"- {line.strip()}" for line in items.splitlines()))
        else:
            out.append(" ".join(paragraph.split()))
    return "\n\n".join(out)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *escaped])


def api_section() -> str:
    """Return a table for each part of the API: method and path, whose right it takes, what it does."""
    from assistant.api.application import _ROUTERS
    from assistant.api.rights import RULES

    parts: dict[str, list[tuple[str, ...]]] = {}
    for router in _ROUTERS:
        rows = parts.setdefault(str(router.tags[0]) if router.tags else "others", [])
        for route in router.routes:
            for method in sorted(getattr(route, "methods", None) or ()):
                path = getattr(route, "path_format", "")
                rule = RULES[method, path]
                said = inspect.getdoc(route.endpoint) or ""
                first = " ".join(said.split("\n\n")[0].split())
                rows.append((f"`{method} {path}`", f"`{rule.right}`", rule.action or "", first))
    head = ("Route", "Right", "In the audit log", "What it does")
    return "\n\n".join(f"### {title}\n\n{_table(head, rows)}" for title, rows in parts.items())


def capacity_section() -> str:
    """Return the capacity plan's assumptions and results."""
    spec = importlib.util.spec_from_file_location("plan", HERE.parent / "plan.py")
    if spec is None or spec.loader is None:
        raise SystemExit("infra/plan.py is missing")
    plan = importlib.util.module_from_spec(spec)
    sys.modules["plan"] = plan  # dataclasses look their module up
    spec.loader.exec_module(plan)
    text: str = plan.page()
    return text


SECTIONS: dict[str, tuple[str, Callable[[], str]]] = {
    "settings": ("settings.md", settings_section),
    "env": ("../.env.example", env_section),
    "models": ("models.md", models_section),
    "errors": ("errors.md", errors_section),
    "cli": ("cli.md", cli_section),
    "api": ("api.md", api_section),
    "checks": ("plugins.md", checks_section),
    "interfaces": ("plugins.md", interfaces_section),
    "capacity": ("capacity.md", capacity_section),
}


def render(section: str) -> tuple[Path, str]:
    """Return the page that holds `section` and its whole text with that section as the code now has it."""
    name, write = SECTIONS[section]
    page = HERE / name
    old = page.read_text(encoding="utf-8")
    mark = "<!-- {} -->" if page.suffix == ".md" else "# {}"
    start, end = mark.format(f"generated: {section}"), mark.format(f"end: {section}")
    if old.count(start) != 1 or old.count(end) != 1:
        raise SystemExit(f"{page} must hold one '{start}' and one '{end}'")
    before, rest = old.split(start)
    return page, f"{before}{start}\n\n{write()}\n\n{end}{rest.split(end)[1]}"


def main(arguments: list[str]) -> int:
    """Write the sections that are named, or all; with `--check` only report those that differ. Return the exit code."""
    check = "--check" in arguments
    stale = 0
    for section in [name for name in arguments if name != "--check"] or SECTIONS:
        page, text = render(section)
        if page.read_text(encoding="utf-8") != text:
            stale += 1
            sys.stdout.write(f"{page.name}: {'out of date' if check else 'written'}\n")
            if not check:
                page.write_text(text, encoding="utf-8")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
