"""Over the API, secrets go in and never come out."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field, SecretStr

from assistant.catalog import MASK
from tests.fakes.system import System

TOKEN, PASSWORD = "tok-4f9a81c27be0", "correct horse battery"


class WikiConfig(BaseModel):
    """A configuration with a secret."""

    url: str = Field(max_length=30)
    token: SecretStr = Field(min_length=8)
    space: str = ""


@pytest.fixture
def wiki(system: System) -> list[str]:
    """Offer the source kind `wiki`; returns the tokens that its sources were made with."""
    tokens: list[str] = []

    def make(config: WikiConfig) -> Any:
        tokens.append(config.token.get_secret_value())
        return system.source

    system.registry.add_source("wiki", WikiConfig, make)
    return tokens


def body(**config: Any) -> dict[str, Any]:
    return {"name": "w", "kind": "wiki", "config": {"url": "https://wiki", "token": TOKEN, **config}}


def test_secrets_are_masked_in_every_answer(client: TestClient, system: System, wiki: list[str]) -> None:
    answers = [client.post("/api/sources", json={**body(), "passwords": [PASSWORD]})]
    assert answers[0].status_code == 201
    answers += [client.get("/api/sources"), client.post("/api/sources/w/pause"), client.post("/api/sources/w/sync")]
    for answer in answers:
        assert answer.status_code < 300
        assert TOKEN not in answer.text
        assert PASSWORD not in answer.text
    shown = answers[0].json()
    assert (shown["config"], shown["passwords"]) == ({"url": "https://wiki", "token": MASK, "space": ""}, [MASK])
    system.ingestor.sync("w", "cli")
    assert set(wiki) == {TOKEN}, "the plugin got the real one"


@pytest.mark.parametrize(
    "wrong",
    [
        body(token=TOKEN[:7]),
        body(url=TOKEN * 3),
        body(token=[TOKEN]),
        body(token=MASK),
        {**body(), "passwords": PASSWORD},
        {**body(), "passwords": [[PASSWORD]]},
        {**body(), "passwords": [MASK]},
        {**body(), "password": PASSWORD},
        {**body(), "config": TOKEN},
    ],
)
def test_a_refusal_does_not_echo_what_was_sent(
    client: TestClient, wiki: list[str], wrong: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = client.post("/api/sources", json=wrong)
    assert answer.status_code == 422
    for text in (answer.text, caplog.text):
        assert TOKEN[:7] not in text
        assert PASSWORD not in text


def test_without_the_key_all_goes_on_that_needs_no_secret(
    client: TestClient, system: System, wiki: list[str], tmp_path: Path
) -> None:
    client.post("/api/sources", json={**body(), "passwords": [PASSWORD]})
    system.ingestor.sync("w", "cli")
    (tmp_path / "secret.key").unlink()
    assert [source["name"] for source in client.get("/api/sources").json()["sources"]] == ["s", "w"]
    assert client.post("/api/search", json={"query": "train tickets"}).json()["hits"]
    tried = client.post("/api/sources/w/test")
    assert tried.status_code == 422
    assert "a secret of the source 'w' (token) cannot be decrypted" in tried.json()["error"]
    assert "give the secret again" in tried.json()["hint"]
    assert client.post("/api/sources/s/test").status_code == 200
    system.ingestor.sync("s", "cli")
    assert client.delete("/api/sources/w").status_code == 202
    assert system.ingestor.stages.delete() == 2


def test_an_edit_keeps_the_secrets_whose_masks_it_sends(client: TestClient, system: System, wiki: list[str]) -> None:
    shown = client.post("/api/sources", json={**body(), "passwords": [PASSWORD]}).json()
    changes = {"config": {**shown["config"], "space": "HR"}, "passwords": [*shown["passwords"], "second one"]}
    answer = client.patch("/api/sources/w", json=changes)
    assert answer.status_code == 200
    assert answer.json()["config"] == {"url": "https://wiki", "token": MASK, "space": "HR"}
    assert TOKEN not in answer.text
    assert wiki[-1] == TOKEN, "the new configuration was tried with the real one"
    assert system.catalog.sources.get("w").passwords == (PASSWORD, "second one")


def test_a_stored_secret_is_not_sent_to_another_address(client: TestClient, wiki: list[str]) -> None:
    shown = client.post("/api/sources", json=body()).json()
    made = len(wiki)
    answer = client.patch("/api/sources/w", json={"config": {**shown["config"], "url": "https://other"}})
    assert answer.status_code == 422
    assert "url says where token is sent" in answer.json()["error"]
    assert len(wiki) == made, "nothing was made that could send it"
    new = {**shown["config"], "url": "https://other", "token": "tok-of-the-editor"}
    assert client.patch("/api/sources/w", json={"config": new}).status_code == 200
    assert wiki[-1] == "tok-of-the-editor"


def test_a_mask_with_nothing_behind_it_changes_nothing(client: TestClient, system: System, wiki: list[str]) -> None:
    before = client.post("/api/sources", json=body()).json()
    answer = client.patch("/api/sources/w", json={"schedule": "every 1h", "passwords": [MASK]})
    assert answer.status_code == 422
    assert [source for source in client.get("/api/sources").json()["sources"] if source["name"] == "w"] == [before]
