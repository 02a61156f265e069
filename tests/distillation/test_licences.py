"""What is noted of a teacher's licence."""

from __future__ import annotations

import pytest

from assistant.distillation import licence_of


@pytest.mark.parametrize(
    ("model", "name", "words"),
    [
        ("meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8", "Llama 4 Community License", "EU"),
        ("tiny-llama4", "Llama 4 Community License", "'Llama' at the beginning of its name"),
        ("meta-llama/Llama-3.3-70B-Instruct", "Llama 3.1 or 3.3 Community License", "'Llama'"),
        ("Meta-Llama-3-8B", "Llama 2 or 3 Community License", "only be used to train Llama models"),
        ("google/gemma-3-27b-it", "Gemma Terms of Use", "derivative"),
        ("gpt-oss-120b", "Apache-2.0", ""),
        ("gpt-5", "OpenAI's terms", "provider's terms"),
        ("qwen3-235b", "unknown", "nothing is known here of the licence of qwen3-235b"),
    ],
)
def test_what_is_known_of_a_model(model: str, name: str, words: str) -> None:
    licence = licence_of(model)
    assert licence.name == name
    assert words in licence.note
    assert bool(words) == bool(licence.note)


def test_what_the_operator_says_goes_before_the_name_and_not_before_what_is_known() -> None:
    assert licence_of("qwen3", "Apache-2.0").name == "Apache-2.0"
    assert licence_of("qwen3", "Apache-2.0").note == ""
    stated = licence_of("llama-4-scout", "our contract")
    assert stated.name == "our contract"
    assert "'Llama'" in stated.note
