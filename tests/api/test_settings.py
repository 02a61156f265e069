"""The settings as admins see them: each of them, where it comes from, and no secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from assistant.api.shown_settings import SettingJson, settings_file, shown_settings
from assistant.catalog import MASK
from assistant.settings import Settings, load_settings

FILE = """
model_url = "http://ann:hunter2@models:8000/v1"
model_api_key = "sk-very-secret"
audit_days = 30
search_limit = 5

[tools.desk]
url = "http://desk"
api_key = "also-secret"
nested = {a = "deeper-secret"}
"""


def shown(settings: Settings) -> dict[str, SettingJson]:
    return {one.name: one for one in shown_settings(settings)}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    (tmp_path / "assistant.toml").write_text(FILE)
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    monkeypatch.setenv("ASSISTANT_SEARCH_LIMIT", "7")
    monkeypatch.setenv("ASSISTANT_SECRET_KEY", "key-of-keys")
    return load_settings()


def test_every_setting_is_there_with_its_variable_and_meaning(settings: Settings) -> None:
    found = shown(settings)
    assert list(found) == list(Settings.model_fields)
    assert all(one.description and one.group for one in found.values())
    assert found["audit_days"].variable == "ASSISTANT_AUDIT_DAYS"
    assert found["index"].choices == ["edge", "qdrant"]
    assert (found["host"].group, found["port"].group, found["retry_most"].group) == ("addresses", "addresses", "work")


def test_it_says_where_a_value_comes_from(settings: Settings) -> None:
    found = shown(settings)
    assert (found["audit_days"].value, found["audit_days"].default, found["audit_days"].origin) == (
        "30.0",
        "365",
        "file",
    )
    assert (found["search_limit"].value, found["search_limit"].origin) == ("7", "environment")  # the file has another
    assert (found["port"].value, found["port"].origin) == ("8090", "default")
    assert settings_file(settings) == settings.home / "assistant.toml"


def test_a_file_that_was_broken_since_is_no_reason_to_fail(settings: Settings) -> None:
    settings_file(settings).write_text("audit_days = 'never'")
    assert shown(settings)["audit_days"].origin == "environment"
    settings_file(settings).write_text("= no toml")
    assert shown(settings)["audit_days"].origin == "environment"


def test_no_secret_is_told(settings: Settings) -> None:
    found = shown(settings)
    told = "".join(one.model_dump_json() for one in found.values())
    for secret in ("hunter2", "sk-very-secret", "also-secret", "deeper-secret", "key-of-keys"):
        assert secret not in told
    assert (found["model_api_key"].value, found["model_api_key"].secret, found["model_api_key"].is_set) == (
        MASK,
        True,
        True,
    )
    assert (found["qdrant_api_key"].value, found["qdrant_api_key"].is_set) == ("", False)
    assert found["model_url"].value == f"http://ann:{MASK}@models:8000/v1"
    assert found["tools"].value == f"desk: url=http://desk, api_key={MASK}, nested={{\u2026}}"


def test_over_http(client: TestClient) -> None:
    found = client.get("/api/settings").json()
    assert found["file"].endswith("assistant.toml")
    assert found["file_is_there"] is False
    assert len(found["settings"]) == len(Settings.model_fields)
