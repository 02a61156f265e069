"""The recipe that trains an adapter: what it learns, what it leaves out, what it refuses. `make soak` runs it whole."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

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
    from assistant.distillation.files import RunFiles

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
    done = subprocess.run([str(INFRA / "train.sh")], capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 2
    assert done.stderr.startswith("usage:")


def test_every_package_is_pinned() -> None:
    lines = (INFRA / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert len(pins) > 20
    assert all(line.count("==") == 1 for line in pins)
