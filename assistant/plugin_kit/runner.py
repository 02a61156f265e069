"""Runs the checks on a plugin, each with a scene of its own, a time limit, and an eye on what is logged."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from assistant.errors import NotFoundError, PluginError
from assistant.plugin_kit import fetching, listing, offers
from assistant.plugin_kit.checks import CHECKS, Check, CheckFailedError, Target
from assistant.plugin_kit.naming import NamedScene
from assistant.registry import GROUP, PluginRegistry, load_plugin

Scenes = Mapping[str, Callable[[Path], Any]]
SECONDS = 30.0
AREAS = (listing, fetching, offers)  # importing them fills CHECKS


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a check went: `on` is what was tried, `detail` why it failed or was left out."""

    check: str
    on: str
    state: Literal["passed", "failed", "left out"]
    detail: str = ""


def target_of(name: str, module: ModuleType, registry: PluginRegistry) -> Target:
    """Return what is to be tried of a plugin that was registered in `registry`."""
    parts = _conformance(module)
    return Target(
        name,
        module,
        registry.manifests.get(name),
        registry.sources,
        tuple(registry.tools.values()),
        registry.parsers,
        registry.post_processors,
        getattr(parts, "EXAMPLES", {}),
        {kind: registry.tool_schema(kind) for kind in registry.tool_kinds},
    )


def load_target(path_or_name: str) -> Target:
    """Load a plugin into this process, to try it.

    Args:
        path_or_name: an installed plugin's name; or the path of a module, of a package, or of a project's folder whose
            only package (in it or in `src`) is the plugin.

    Raises:
        NotFoundError: there is none.
        PluginError: it cannot be loaded.
    """
    registry = PluginRegistry()
    path = Path(path_or_name)
    if path.exists():
        module = _module_path(path.resolve())
        if str(module.parent) not in sys.path:
            sys.path.insert(0, str(module.parent))
        name = module.stem
        return target_of(name, load_plugin(registry, name, "", name, "register"), registry)
    for point in entry_points(group=GROUP, name=path_or_name):
        version = point.dist.version if point.dist is not None else ""
        loaded = load_plugin(registry, point.name, version, point.module, point.attr or "register")
        return target_of(point.name, loaded, registry)
    raise NotFoundError(f"there is no plugin and no path {path_or_name!r}", "see `assistant plugins list`")


def run_checks(target: Target, scenes: Scenes | None = None, seconds: float = SECONDS) -> Iterator[Outcome]:
    """Run every check that there is for what the plugin offers, and yield how it went.

    Args:
        target: the plugin.
        scenes: by source kind, what makes a scene in an empty folder; None: those of its module `conformance`.
        seconds: that one check may take.
    """
    scenes = getattr(_conformance(target.module), "SCENES", {}) if scenes is None else scenes
    things: list[tuple[str, str, tuple[Any, ...]]] = [("plugin", target.name, (target,))]
    things += [("tool", tool.name, (tool, target)) for tool in target.tools]
    things += [("parser", parser.name, (parser, target)) for parser in target.parsers]
    things += [("post-processor", one.name, (one, target)) for one in target.post_processors]
    for what, name, arguments in things:
        for check in CHECKS.values():
            if check.on == what:
                yield attempt(check, f"{what} {name}", partial(check.run, *arguments), seconds)
    checks = [check for check in CHECKS.values() if check.on == "tool"]
    yield from try_tool_kinds(checks, target, seconds)
    for kind in target.kinds:
        for check in CHECKS.values():
            if check.on == "source":
                if kind in scenes:
                    yield try_source(check, target, kind, scenes[kind], seconds)
                else:
                    yield Outcome(check.name, f"source {kind}", "left out", "there is no scene for it in `conformance`")


def try_tool_kinds(checks: Sequence[Check], target: Target, seconds: float) -> Iterator[Outcome]:
    """Run checks on a tool of each of the plugin's kinds of tools, configured as its scene in `conformance` says.

    A scene has a `config` and an `example` of arguments, and may have `close()`.
    """
    scenes = getattr(_conformance(target.module), "TOOL_SCENES", {})
    for kind in target.tool_kinds:
        yield from _try_tool_kind(checks, target, kind, scenes.get(kind), seconds)


def _try_tool_kind(
    checks: Sequence[Check], target: Target, kind: str, make: Callable[[Path], Any] | None, seconds: float
) -> Iterator[Outcome]:
    on = f"tool kind {kind}"
    if make is None:
        for check in checks:
            yield Outcome(check.name, on, "left out", "there is no scene for it in `conformance`")
        return
    folder = Path(tempfile.mkdtemp(prefix="conformance-"))
    scene = make(folder)
    try:
        registry = PluginRegistry()
        target.module.register(registry)
        registry.configure_tool(kind, {"kind": kind, **scene.config})
        tool, tried = registry.tool(kind), replace(target, examples={kind: scene.example})
        for check in checks:
            secret = str(getattr(scene, "secret", ""))
            yield attempt(check, on, partial(check.run, tool, tried), seconds, secret)
    finally:
        _clear(scene, folder)


def try_source(check: Check, target: Target, kind: str, make: Callable[[Path], Any], seconds: float) -> Outcome:
    """Run one check on a source, in a scene of its own."""
    folder = Path(tempfile.mkdtemp(prefix="conformance-"))
    on = f"source {kind}"
    scene = None
    try:
        scene = make(folder)
        if hasattr(scene, "__dict__"):  # what checks on configurations need besides
            registry = PluginRegistry()
            target.module.register(registry)
            version = target.manifest.version if target.manifest is not None else ""
            vars(scene).update(registry=registry, kind=kind, module=target.module, version=version)
        missing = [need for need in check.needs if not hasattr(scene, need)]
        if missing:
            return Outcome(check.name, on, "left out", f"its scene has no {', '.join(missing)}")
        if reason := getattr(scene, "exempt", {}).get(check.name):
            return Outcome(check.name, on, "left out", reason)
        if hasattr(scene, "key_of"):
            scene = NamedScene(scene)
        return attempt(check, on, lambda: check.run(scene), seconds, str(getattr(scene, "secret", "")))
    finally:
        _clear(scene, folder)


def _clear(scene: Any, folder: Path) -> None:
    getattr(scene, "close", lambda: None)()
    shutil.rmtree(folder, ignore_errors=True)


def attempt(check: Check, on: str, run: Callable[[], None], seconds: float, secret: str = "") -> Outcome:
    """Run a check within its time; it fails also where the secret is logged meanwhile.

    A check that hangs is left behind in its thread.
    """
    failed: list[str] = []

    def guarded() -> None:
        try:
            run()
        except CheckFailedError as error:
            failed.append(str(error))
        except BaseException as error:  # noqa: BLE001 (whatever a plugin raises fails its check)
            failed.append(f"it raised {type(error).__name__}: {error}")

    with _Listening() as heard:
        thread = threading.Thread(target=guarded, name=check.name, daemon=True)
        thread.start()
        thread.join(seconds)
    if thread.is_alive():
        return Outcome(check.name, on, "failed", f"it did not end within {seconds:g} seconds")
    if secret and secret in heard.text:
        failed.append("it logged the secret of its configuration")
    detail = "; ".join(failed)
    return Outcome(
        check.name, on, "failed" if failed else "passed", detail.replace(secret, "[secret]") if secret else detail
    )


class _Listening(logging.Handler):
    """Keeps what is logged at any level."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._lines: list[str] = []

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self._lines)

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        self._lines.append(f"{record.getMessage()} {record.exc_info[1] if record.exc_info else ''}")

    def __enter__(self) -> _Listening:
        root = logging.getLogger()
        self._level = root.level
        root.setLevel(logging.DEBUG)
        root.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        root = logging.getLogger()
        root.removeHandler(self)
        root.setLevel(self._level)


def _conformance(module: ModuleType) -> Any:
    """Return where a plugin keeps SCENES and EXAMPLES: its module `conformance`, else its own."""
    name = f"{module.__name__}.conformance"
    if not hasattr(module, "__path__") or importlib.util.find_spec(name) is None:
        return module
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise PluginError(f"{name} cannot be imported: {type(error).__name__}: {error}", "correct it") from error


def _module_path(path: Path) -> Path:
    if path.suffix == ".py" or (path / "__init__.py").is_file():
        return path
    packages = [
        found.parent
        for folder in (path, path / "src")
        for found in sorted(folder.glob("*/__init__.py"))
        if found.parent.name != "tests"
    ]
    if len(packages) != 1:
        raise NotFoundError(f"{path} holds {len(packages)} packages", "name the package's folder itself")
    return packages[0]
