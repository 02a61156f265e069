"""An admin who tests a source hears what it reaches, or what is wrong, and never its token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from assistant.errors import SourceError
from assistant.registry import load_registry
from tests.fakes.github import GithubServer, Repo
from tests.fakes.vendor_server import TOKEN, running


@pytest.fixture
def server() -> Iterator[GithubServer]:
    github = GithubServer()
    with running(github):
        yield github


def config(server: GithubServer, **more: Any) -> dict[str, Any]:
    values = {"url": server.url, "token": TOKEN, "repositories": ["acme/*"], "private_hosts": ["localhost"], **more}
    return load_registry().validate("github", values)


def test_a_test_of_a_source_says_what_it_reaches(server: GithubServer) -> None:
    server.repos["acme/b"] = Repo("acme/b")
    told = load_registry().try_source("github", config(server))
    assert told == "the token reads 2 repositories: acme/docs, acme/b"
    assert not [asked for asked in server.asked if asked.path.endswith("/issues")], "it has listed"


def test_what_a_probe_says_holds_no_token(server: GithubServer) -> None:
    server.repos = {f"acme/{TOKEN}": Repo(f"acme/{TOKEN}")}
    told = load_registry().try_source("github", config(server))
    assert told.startswith("the token reads 1 repositories: acme/")
    assert TOKEN not in told
    server.repos.clear()
    with pytest.raises(SourceError, match="no repository") as caught:
        load_registry().try_source("github", config(server, repositories=[f"acme/{TOKEN}"]))
    assert TOKEN not in f"{caught.value}"
