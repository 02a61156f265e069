"""The recipe that trains an adapter: what it learns, what it leaves out, what it refuses. `make soak` runs it whole."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from assistant.app import build
from assistant.app.distilling import make_distiller
from assistant.distillation import Options
from assistant.distillation.files import RunFiles
from assistant.settings import load_settings
from assistant.types import LOCAL_OPERATOR
from tests.fakes import vllm
from tests.fakes.model_server import ModelServer
from tests.fakes.teacher import ScriptedTeacher

INFRA = Path(__file__).parents[2] / "infra" / "finetune"


@pytest.fixture(scope="module")
def recipe() -> ModuleType:
    spec = importlib.util.spec_from_file_location("train_lora", INFRA / "train_lora.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Letters:
    """A tokenizer of letters, with a template that marks turns."""

    def __init__(self, *, rewrites: bool = False) -> None:
        self.rewrites = rewrites

    def apply_chat_template(
        self, messages: list[dict[str, str]], *, tokenize: bool, add_generation_prompt: bool
    ) -> str:
        last = "!" if self.rewrites and messages[-1]["role"] == "assistant" else ""
        told = "".join(f"<{m['role'][0]}>{m['content']}." for m in messages)
        return last + told + ("<a>" if add_generation_prompt else "")

    def __call__(self, text: str, *, add_special_tokens: bool) -> dict[str, list[int]]:
        return {"input_ids": [ord(sign) for sign in text]}


def row(answer: str = "Yes", question: str = "Is it?") -> dict[str, Any]:
    roles = ("system", "user", "assistant")
    said = ("Rules", question, answer)
    return {"messages": [{"role": r, "content": c} for r, c in zip(roles, said, strict=True)]}


def test_the_answer_alone_is_learnt(recipe: ModuleType) -> None:
    encoded = recipe.encode(row("Yes"), Letters())
    learnt = "".join(chr(label) for label in encoded["labels"] if label != recipe.IGNORED)
    assert learnt == "Yes."
    assert "".join(map(chr, encoded["input_ids"])) == "<s>Rules.<u>Is it?.<a>Yes."
    assert len(encoded["labels"]) == len(encoded["input_ids"])


def test_a_template_that_rewrites_what_was_asked_is_refused(recipe: ModuleType) -> None:
    with pytest.raises(SystemExit, match="chat template"):
        recipe.encode(row(), Letters(rewrites=True))


def test_what_is_too_long_is_left_out_whole(recipe: ModuleType) -> None:
    kept, left_out = recipe.fitting([row(), row(question="x" * 99)], Letters(), 60)
    assert (len(kept), left_out) == (1, 1)


def test_the_files_of_distill_are_found(recipe: ModuleType, tmp_path: Path) -> None:
    records = tmp_path / "a.b.jsonl"
    files = RunFiles(records, {})
    assert recipe.beside(records, "validation.jsonl") == files.paths["validation"]
    assert recipe.beside(records, "about.json") == files.about
    assert recipe.read_rows(files.about) == []
    records.write_text(json.dumps(row("\u2028")) + "\n")
    assert len(recipe.read_rows(records)) == 1


def test_an_adapter_that_is_there_is_not_written_over(recipe: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="is there already"):
        recipe.main(["model", "records.jsonl", str(tmp_path)])


def test_wrong_use_is_told() -> None:
    done = subprocess.run([str(INFRA / "train.sh")], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    assert done.stderr.startswith("usage:")


def test_every_package_is_pinned() -> None:
    lines = (INFRA / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert len(pins) > 20
    assert all(line.count("==") == 1 for line in pins)


@pytest.mark.soak
def test_from_documents_to_an_adapter_that_answers(tmp_path: Path) -> None:
    folder = vllm.cache_folder()
    vllm.build(folder)
    records = tmp_path / "out.jsonl"
    (tmp_path / "docs").mkdir()
    for n in range(12):
        lines = [f"The team of house {n} keeps record {n * 37 + m} of office {m} in register {n}." for m in range(6)]
        (tmp_path / "docs" / f"house{n}.md").write_text("\n\n".join([f"# House {n}", *lines]))
    with (
        ModelServer(ScriptedTeacher().script, model="Llama-4-teacher") as server,
        build(load_settings(home=tmp_path / "home", model_url=server.url)) as app,
    ):
        app.catalog.sources.add("docs", "folder", {"path": str(tmp_path / "docs")}, {})
        app.ingestor.sync("docs", "cli")
        distiller = make_distiller(app.settings, app.catalog, app.herd, app.retriever, app.library, LOCAL_OPERATOR)
        distiller.run(records, Options(("docs",), validation=0.2, budget=400), LOCAL_OPERATOR)
    adapter = tmp_path / "Llama-adapter"
    command = [str(INFRA / "train.sh"), str(folder.parent / "finetune"), str(folder / vllm.MODEL), str(records)]
    command += [str(adapter), "--learning-rate", "5e-3", "--accumulate", "2", "--epochs", "3"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "'Llama' at the beginning" in done.stderr
    told = json.loads((adapter / "training.json").read_text())
    assert told["loss"]["after"]["train"] < told["loss"]["before"]["train"] - 0.2
    question = {"messages": [{"role": "user", "content": "What is kept?"}], "max_tokens": 12, "temperature": 0}
    with vllm.running_vllm(folder, tmp_path / "log", *vllm.lora_flags({"adapted": adapter})) as server:
        said = [
            httpx.post(f"{server.url}/chat/completions", json={**question, "model": name}, timeout=120).json()
            for name in (vllm.MODEL, "adapted")
        ]
    assert said[0]["choices"][0]["message"]["content"] != said[1]["choices"][0]["message"]["content"]
