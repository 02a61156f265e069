"""Houses, browsers and visitors for the journeys.

The pictures of their key states go to the folder that the variable JOURNEY_SHOTS names, else below pytest's own folder.
JOURNEY_HOUSE=server has those that share a house go through one in server mode: see infra/docs/soak.md.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.fakes.chromium import CHROMIUM
from tests.fakes.model_server import ModelServer
from tests.journeys import model, papers
from tests.journeys.house import House, running, seed
from tests.journeys.visitor import SECONDS, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.server_mode.house import ServerHouse

Visit = Callable[..., Any]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every journey needs a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(900))  # the first one starts the house as well
            item.add_marker(pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs Debian's chromium at {CHROMIUM}"))


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the pictures."""
    named = os.environ.get("JOURNEY_SHOTS")
    return Path(named) if named else tmp_path_factory.getbasetemp() / "journeys"


@pytest.fixture(scope="module")
def browser(chromium: Browser) -> Browser:
    return chromium


@pytest.fixture(scope="session")
def model_server() -> Iterator[ModelServer]:
    with ModelServer(model.script()) as server:
        yield server


@pytest.fixture(scope="session")
def house(model_server: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A running assistant with people who sign in, documents, and a model; tests leave it as they found it."""
    where = tmp_path_factory.mktemp("house")
    home = where / "home"
    if os.environ.get("JOURNEY_HOUSE") == "server":
        sessions: dict[str, str] = {}

        def fill(served: ServerHouse) -> None:
            sessions.update(seed(served.home, where / "handbook", catalog_url=served.postgres.url))

        with server_mode(where, fill, ASSISTANT_MODEL_URL=model_server.url) as served:
            served.sessions = sessions
            yield served
        return
    sessions = seed(home, where / "handbook")
    variables = {"ASSISTANT_MODEL_URL": model_server.url, "ASSISTANT_SIGN_IN": "accounts"}
    with running(home, sessions=sessions, **variables) as house:
        yield house


@contextmanager
def server_mode(where: Path, before: Callable[[ServerHouse], None], **settings: str) -> Iterator[House]:
    """Two APIs behind nginx, an owner of the index, workers, beat, Postgres and Valkey; `before` fills the home."""
    from tests.server_mode.house import lacking, server_house

    if missing := lacking("valkey"):
        pytest.skip(f"{missing} is not installed")
    with server_house(where / "server", before=before, **settings) as served:
        yield House(served.url, served.url, served.home, None)


@pytest.fixture
def visit(request: pytest.FixtureRequest, browser: Browser, shots: Path) -> Iterator[Visit]:
    """Open a browser of its own for a person; at its end, no script has failed and nothing was asked elsewhere."""
    opened: list[Any] = []

    @contextmanager
    def visiting(house: House, person: str = "", **more: Any) -> Iterator[Visitor]:
        context = browser.new_context(
            **({"viewport": {"width": 1280, "height": 850}, "reduced_motion": "reduce"} | more)
        )
        opened.append(context)
        context.set_default_timeout(SECONDS)
        if person:
            secret = house.sessions[person]
            context.add_cookies(
                [{"name": "assistant_session", "value": secret, "url": house.ui, "httpOnly": True, "sameSite": "Lax"}]
            )
        visitor = Visitor(context.new_page(), house.ui, shots)
        _watched(visitor)
        try:
            yield visitor
        except BaseException:
            visitor.shot(f"failed-{request.node.name}-{person}", moving=True)
            raise
        context.close()
        assert not visitor.problems

    yield visiting
    for context in opened:
        context.close()


def _watched(visitor: Visitor) -> None:
    page, problems = visitor.page, visitor.problems
    page.on("request", lambda request: problems.append(request.url) if _is_foreign(request.url) else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None)


def _is_foreign(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in {"127.0.0.1", "localhost"}


@pytest.fixture
def readers_as_before(house: House) -> Iterator[None]:
    """Put the rule back at the end."""
    yield
    done = house.call("ada", "PATCH", "/api/sources/handbook", json={"readers": papers.READERS})
    assert done.status_code == 200, done.text
    house.call("ada", "POST", "/api/sources/handbook/sync")
