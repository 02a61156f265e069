"""Nothing that comes from outside is unpickled: not by the house's code, its queue, its arrays or its models."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import ParserCrashedError
from assistant.parsing.process.messages import dump, load
from assistant.settings import load_settings
from workers.celery_app import make_celery

ROOT = Path(__file__).parents[2]
FOLDERS = ("assistant", "plugins", "workers", "ui", "infra")
_UNPICKLING = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal", "joblib", "jsonpickle"}
# `torch.load` and `numpy.load` unpickle where they are not told otherwise; YAML has a loader of anything.
_LOADING = {
    ("torch", "load"),
    ("np", "load"),
    ("numpy", "load"),
    ("yaml", "load"),
    ("yaml", "unsafe_load"),
    ("yaml", "full_load"),
}


_WORDS = re.compile(rf"{'|'.join(_UNPICKLING)}|\bload\(|_load\(|allow_pickle|weights_only|trust_remote_code")
# It reads what parser processes answer, with an unpickler that knows no class: see `test_a_class_does_not_cross`.
_PLAIN = "assistant/parsing/process/messages.py"


def modules() -> Iterator[tuple[str, ast.Module]]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if _WORDS.search(text):  # parsing every module would take seconds
                yield str(path.relative_to(ROOT)), ast.parse(text)


def faults(name: str, tree: ast.Module) -> list[str]:
    """Return what in a module unpickles, or might."""
    found = []
    for node in ast.walk(tree):
        named: list[str] = []
        if isinstance(node, ast.Import):
            named = [one.name.partition(".")[0] for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            named = [(node.module or "").partition(".")[0]]
        found += [f"{name}:{node.lineno} imports {one}" for one in named if one in _UNPICKLING]  # type: ignore[attr-defined]
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            called = (node.func.value.id, node.func.attr)
            said = {one.arg: ast.unparse(one.value) for one in node.keywords}
            loader = said.get("Loader") or (ast.unparse(node.args[1]) if len(node.args) > 1 else "")
            safe = said.get("weights_only") == "True" or said.get("allow_pickle") == "False"
            safe = safe or "Safe" in loader or loader == "yaml.BaseLoader"
            if called in _LOADING and not safe:
                found.append(f"{name}:{node.lineno} calls {'.'.join(called)} without saying that it may not unpickle")
            if said.get("allow_pickle") == "True" or said.get("weights_only") == "False":
                found.append(f"{name}:{node.lineno} lets {'.'.join(called)} unpickle")
            if said.get("trust_remote_code") == "True":
                found.append(f"{name}:{node.lineno} runs the code of a model")
    return found


def test_no_module_unpickles() -> None:
    found = [fault for name, tree in modules() for fault in faults(name, tree)]
    assert [fault for fault in found if not fault.startswith(f"{_PLAIN}:")] == []


def test_a_class_does_not_cross() -> None:
    for harmful in (os.system, print, ValueError("x"), Path("/")):
        with pytest.raises(ParserCrashedError, match="must not cross"):
            load(dump(harmful))


@pytest.mark.parametrize(
    "code",
    [
        *("import pickle", "from cloudpickle import loads", "torch.load('x')", "np.load('x')", "yaml.load(x)"),
        *("np.load('x', allow_pickle=True)", "torch.load('x', weights_only=False)", "a.b(trust_remote_code=True)"),
    ],
)
def test_each_way_is_found(code: str) -> None:
    assert faults("x.py", ast.parse(code))


def test_the_queue_carries_json_only() -> None:
    conf = make_celery(load_settings()).conf
    assert conf.accept_content == ["json"]
    assert (conf.task_serializer, conf.result_serializer, conf.event_serializer) == ("json", "json", "json")
