"""From settings to the herd, with models that run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.app import build
from assistant.app.models import licence_note
from assistant.cli import doctor
from assistant.errors import ConfigurationError, SettingsError
from assistant.settings import load_settings
from assistant.types import LOCAL_OPERATOR, ChatMessage, User
from tests.contracts.chat_model_contract import read
from tests.fakes.model_server import ModelServer

TABLES = """
[models.maverick]
url = "{url}"
model = "llama-4-maverick"
api_key = "secret"
roles = ["answer", "vision"]
cost_per_million = 3.0
max_images = 2

[models.maverick.adapters.legal]
model = "legal-lora"
groups = ["legal"]

[models.small]
url = "{url}"
model = "llama-4-maverick"
api_key = "secret"
roles = ["fast"]
context_tokens = 1000
extra = {{ chat_template_kwargs = {{ enable_thinking = false }} }}
"""


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(model="llama-4-maverick", api_key="secret", adapters=("legal-lora", "hr-lora")) as server:
        yield server


@pytest.fixture
def tables(server: ModelServer, assistant_home: Path) -> str:
    assistant_home.mkdir()
    (assistant_home / "assistant.toml").write_text(TABLES.format(url=server.url), encoding="utf-8")
    return server.url


def test_without_settings_there_is_no_model() -> None:
    with build(load_settings()) as app:
        assert not app.herd


def test_one_model_by_its_url(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_MODEL_URL", server.url)
    monkeypatch.setenv("ASSISTANT_MODEL_API_KEY", "secret")
    monkeypatch.setenv("ASSISTANT_MODEL_CONTEXT_TOKENS", "5000")
    with build(load_settings()) as app:
        for role in ("answer", "long", "fast", "teacher", "vision"):
            route = app.herd.route(LOCAL_OPERATOR, role, tokens=100)  # type: ignore[arg-type]
            assert (route.member.profile.key, route.info.name) == ("default", "llama-4-maverick")
        assert route.info.context_tokens == 5000
        assert read(route.member.model.stream([ChatMessage.of("user", "Hello?")]))[0] == "I do not know."


def test_several_models_by_tables(tables: str, server: ModelServer) -> None:
    with build(load_settings()) as app:
        small = app.herd.route(User("bob"), "fast", tokens=100)
        assert (small.member.profile.key, small.info.context_tokens) == ("small", 1000)
        read(small.member.model.stream([ChatMessage.of("user", "Hello?")]))
        assert server.asked[-1].body["chat_template_kwargs"] == {"enable_thinking": False}
        assert app.herd.get("maverick", User("bob")).model.describe().images_per_prompt == 2
        legal = app.herd.get("legal", User("ann", frozenset({"legal"})))
        assert legal.profile.adapter_of == "maverick"
        read(legal.model.stream([ChatMessage.of("user", "Hello?")]))
        assert server.asked[-1].body["model"] == "legal-lora"
        assert [member.profile.key for member in app.herd.offered(User("bob"))] == ["maverick", "small"]


def test_keys_are_not_shown(tables: str) -> None:
    assert "secret" not in repr(load_settings().models)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[models.a]\nurl = "http://x"\nrole = "answer"', r"models\.a\.role'.*ASSISTANT_MODELS or "),
        ('[models.a]\nmodel = "x"', r"models\.a\.url': field required"),
        ('[models.a]\nurl = "http://x"\nroles = ["teach"]', r"models\.a\.roles\.0"),
        ('[models.a]\nurl = "http://x"\nroles = ["fast"]', r"none of the models has the role 'answer'"),
        ('model_url = "http://x"\n[models.a]\nurl = "http://x"', r"model_url is set as well"),
        (
            '[models.a]\nurl = "http://x"\n[models.a.adapters.a]\ngroups = ["everyone"]',
            r"two models or adapters have the name 'a'",
        ),
        ('[models.a]\nurl = "http://x"\n[models.a.adapters.b]\ngroups = []', r"models\.a\.adapters\.b\.groups"),
    ],
)
def test_what_is_wrong_is_told(assistant_home: Path, text: str, told: str) -> None:
    assistant_home.mkdir()
    (assistant_home / "assistant.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=told):
        load_settings()


def test_a_url_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_MODEL_URL", "vllm:8000")
    with build(load_settings()) as app, pytest.raises(ConfigurationError, match="'vllm:8000' is no HTTP URL"):
        _ = app.herd


def test_the_doctor_says_what_each_model_does(tables: str, server: ModelServer) -> None:
    with build(load_settings()) as app:
        checks = [doctor._try(name, look) for name, look in doctor._model_looks(app)]
    assert [(check.name, check.state) for check in checks] == [
        ("model maverick", "ok"),
        ("model legal", "ok"),
        ("model small", "ok"),
    ]
    assert "context 100,000 tokens (discovered), pictures up to 2 a prompt (configured), tools" in checks[0].detail
    assert "Llama 4 licence" in checks[0].hint
    assert "no group gets: hr-lora; a table [models.maverick.adapters.NAME]" in checks[0].hint
    assert "no group gets" not in checks[1].hint
    assert "for those who choose it" in checks[1].detail
    assert "context 1,000 tokens (configured)" in checks[2].detail


def test_the_doctor_says_what_is_wrong(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def found() -> tuple[str, str, str]:
        with build(load_settings()) as app:
            (check,) = [doctor._try(name, look) for name, look in doctor._model_looks(app)]
        return check.name, check.state, check.detail

    assert found()[:2] == ("models", "ok")
    monkeypatch.setenv("ASSISTANT_MODEL_URL", server.url)
    name, state, detail = found()
    assert (name, state) == ("model default", "broken")
    assert "refuses the API key" in detail
    monkeypatch.setenv("ASSISTANT_MODEL_URL", "nonsense")
    assert found()[:2] == ("models", "broken")


@pytest.mark.parametrize(
    ("name", "noted"),
    [("meta-llama/Llama-4-Scout-17B-16E-Instruct", True), ("maverick", True), ("qwen3", False), ("llama-3.3", False)],
)
def test_the_licence_of_llama_4_is_noted(name: str, noted: bool) -> None:
    assert bool(licence_note(name)) == noted
