"""What Compose and the chart hand to the web UI are settings that it reads, and arrive as they were given."""

from __future__ import annotations

import re
from typing import Any

import pytest

from assistant.settings import PREFIX, Settings, load_settings
from tests.infra.test_chart import rendered_with
from tests.infra.test_images import compose
from tests.infra.tools import ROOT

GIVEN = {"max_document_bytes": 300_000_000, "attachment_bytes": 20_000_000, "log_level": "DEBUG", "log_format": "json"}
PUBLIC = "https://assistant.test.example"


def of_compose(given: dict[str, Any]) -> dict[str, str]:
    """Return the variables of the UI's container, where those in `given` and the address are in the environment."""
    known = {f"{PREFIX}{name.upper()}": str(value) for name, value in {**given, "public_url": PUBLIC}.items()}

    def put(match: re.Match[str]) -> str:
        return known.get(match[1]) or match[2]

    told = compose()["services"]["ui"]["environment"]
    return {name: re.sub(r"\$\{([A-Z0-9_]+):-([^}]*)\}", put, str(value)) for name, value in told.items()}


def of_chart(given: dict[str, Any]) -> dict[str, str]:
    """Return the variables of the UI's container, where `given` are the settings among the chart's values."""
    (deployment,) = (
        one
        for one in rendered_with({"settings": given})
        if one["kind"] == "Deployment" and one["metadata"]["name"] == "assistant-ui"
    )
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return {one["name"]: one["value"] for one in container["env"]}


@pytest.mark.parametrize("handed", [of_compose, of_chart])
def test_the_web_ui_is_handed_what_it_reads(handed: Any) -> None:
    names = {variable.removeprefix(PREFIX).lower() for variable in handed(GIVEN)}
    assert names <= Settings.model_fields.keys()
    source = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "ui").glob("*.py"))
    read = set(re.findall(r"\bsettings\.(\w+)", source)) & Settings.model_fields.keys()
    assert read >= {"attachment_bytes", "log_format"}
    assert read - {"ui_port"} <= names  # the published port is fixed


@pytest.mark.parametrize(
    ("handed", "given", "expected"),
    [
        (of_compose, GIVEN, GIVEN),
        (of_chart, GIVEN, GIVEN),
        (of_compose, {}, {}),
        (of_chart, {}, {"log_format": "json"}),  # as the chart's own values say
    ],
)
def test_it_arrives_as_it_was_given(
    handed: Any, given: dict[str, Any], expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in handed(given).items():
        monkeypatch.setenv(variable, value)
    settings = load_settings()
    fields = Settings.model_fields
    for name in GIVEN:
        assert getattr(settings, name) == expected.get(name, fields[name].default), name
    assert settings.public_url == PUBLIC
    assert re.fullmatch(r"http://[a-z-]+:8090", settings.api_base)
    assert settings.sign_in == "accounts"
