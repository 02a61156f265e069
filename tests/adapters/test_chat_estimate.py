"""The over-estimate holds for the tokenizers that lie here, and is not far over."""

from __future__ import annotations

import base64
import importlib.util
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from assistant.adapters.chat_estimate import estimate_tokens
from assistant.adapters.minilm import model_folder

ROOT = Path(__file__).parents[2]
RANDOM = random.Random(6)
PAGES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "infra" / "docs").glob("*.md"))]
SOURCES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "assistant" / "adapters").glob("*.py"))]
ODD = [
    base64.b64encode(RANDOM.randbytes(600)).decode(),
    RANDOM.randbytes(300).hex(),
    json.dumps({f"key_{n}": [n * 1.37, None, "x" * n] for n in range(40)}, indent=2),
    " ".join("".join(RANDOM.choices("bcdfghjklmnpqrstvwxz", k=RANDOM.randint(1, 16))) for _ in range(200)),
    " ".join("".join(RANDOM.choices("qQwWzZxXkK", k=RANDOM.randint(1, 12))) for _ in range(200)),
    "a b c d e f g I J K 1 2 3 " * 20,
    "".join(chr(RANDOM.randint(0x20, 0x2FFF)) for _ in range(500)),
    "Übermäßig große Straßenfahrzeuge, größer als nötig. " * 10,
    "Съешь же ещё этих мягких французских булок, да выпей чаю. " * 10,
    "色は匂へど散りぬるを我が世誰ぞ常ならむ。" * 10,
    "다람쥐 헌 쳇바퀴에 타고파 " * 10,
    "🙂🧑‍🚀🏳️‍🌈" * 20,
    "\n\n\n\t\t   \r\n" * 30,
    "....-----=====|||||" * 20,
    "1,234,567.89 " * 50,
    "antidisestablishmentarianism " * 20,
]


def embedders_tokenizer() -> Any:
    tokenizer = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def tiny_llamas_tokenizer() -> Any:
    spec = importlib.util.spec_from_file_location("tiny_llama4", ROOT / "infra" / "vllm" / "tiny_llama4.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.train_tokenizer()


@pytest.fixture(scope="module", params=[embedders_tokenizer, tiny_llamas_tokenizer])
def tokenizer(request: pytest.FixtureRequest) -> Any:
    return request.param()


def count(tokenizer: Any, text: str) -> int:
    return len(tokenizer.encode(text, add_special_tokens=False).ids)


def test_it_is_never_below(tokenizer: Any) -> None:
    for text in [*PAGES, *SOURCES, *ODD, ""]:
        assert estimate_tokens(text) >= count(tokenizer, text), text[:60]


def test_of_english_it_is_about_twice(tokenizer: Any) -> None:
    ratios = [estimate_tokens(text) / count(tokenizer, text) for text in PAGES]
    assert min(ratios) >= 1.0
    assert max(ratios) < 2.6, ratios


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_counts_no_more_than_its_bytes(text: str) -> None:
    assert 0 <= estimate_tokens(text) <= len(text.encode()) + 1


def test_halves_that_no_code_has() -> None:
    assert estimate_tokens("\ud83d") > 0
