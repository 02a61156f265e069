"""Settings: where values come from, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assistant.errors import SettingsError
from assistant.settings import load_settings


def test_the_home_is_absolute_wherever_it_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for named in ("~/data", "data", str(tmp_path / "data")):
        monkeypatch.setenv("ASSISTANT_HOME", named)
        assert load_settings().home == tmp_path / "data", named
    monkeypatch.setenv("ASSISTANT_CACHE", "~/models")
    assert load_settings().cache == tmp_path / "models"


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ASSISTANT_HOME", "")
    monkeypatch.setenv("ASSISTANT_PORT", "")
    assert load_settings().home == tmp_path / ".assistant"
    assert load_settings().port == 8090


def test_a_settings_file_that_cannot_be_read_is_named(assistant_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assistant_home.mkdir()
    (assistant_home / "assistant.toml").write_bytes(b'host = "\xff"')
    with pytest.raises(SettingsError, match=r"assistant\.toml is not valid TOML"):
        load_settings()
    monkeypatch.setenv("ASSISTANT_CONFIG", f"/tmp/{'x' * 300}")  # noqa: S108 - no file of that name can exist
    with pytest.raises(SettingsError, match="cannot be read: File name too long"):
        load_settings()


def test_an_address_of_ipv6_stands_in_brackets() -> None:
    assert load_settings(host="::1").api_base == "http://[::1]:8090"


@pytest.mark.parametrize(
    ("name", "instead"),
    [("vision_url", "`vision`, and set `describe_pictures`"), ("judge_model", "teacher"), ("expander_api_key", "fast")],
)
def test_a_setting_that_there_is_no_more_says_what_takes_its_place(
    name: str, instead: str, assistant_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"ASSISTANT_{name.upper()}", "x")
    with pytest.raises(SettingsError, match=f"no setting '{name}' any more") as caught:
        load_settings()
    assert instead in caught.value.hint
    monkeypatch.delenv(f"ASSISTANT_{name.upper()}")
    monkeypatch.setenv(name.upper(), "x")  # another program's
    load_settings()
    assistant_home.mkdir()
    (assistant_home / "assistant.toml").write_text(f'{name} = "x"')
    with pytest.raises(SettingsError, match="any more"):
        load_settings()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"oidc_issuer": "http://id.example", "oidc_client_id": "a"}, "begins with https"),
        ({"oidc_issuer": "https://id.example"}, "name the id that it has there"),
        ({"sign_in": "accounts", "sign_in_passwords": False}, "at an identity provider: name one"),
    ],
)
def test_a_way_to_sign_in_is_named_whole(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load_settings(**wrong)
    load_settings(sign_in="accounts", sign_in_passwords=False, oidc_issuer="https://id.example", oidc_client_id="a")
    load_settings(oidc_issuer="http://127.0.0.1:9000", oidc_client_id="a")
