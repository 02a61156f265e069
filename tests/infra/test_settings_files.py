"""The examples of settings files are read by the settings themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.settings import PREFIX, load_settings
from tests.infra.tools import INFRA

FILES = sorted((INFRA / "settings").glob("*.toml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_is_taken(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}CONFIG", str(file))
    settings = load_settings()
    assert any("answer" in model.roles for model in settings.models.values())
    assert all(not model.api_key.get_secret_value() for model in settings.models.values())


def test_there_are_examples_for_each_kind_of_server() -> None:
    assert {file.stem for file in FILES} >= {"vllm", "ollama", "llama-cpp", "ten-million"}
