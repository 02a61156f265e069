"""Calls every route of the API with what schemathesis makes of its description, as one of its people."""

from __future__ import annotations

import base64
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from fastapi.testclient import TestClient
from httpx2 import InvalidURL

from assistant.access.pages import PageImages
from assistant.access.roles import scopes_of
from assistant.api import create_api
from assistant.app import App
from assistant.evaluation.cases import AnswerCase
from assistant.types import LOCAL_OPERATOR, Role
from tests.api.conftest import ListQueue
from tests.api.test_tools import Lamp, LampConfig
from tests.fakes.album import png
from tests.fakes.system import System

PEOPLE: tuple[Role, ...] = ("employee", "curator", "admin", "auditor")
WHO = (*PEOPLE, "operator", "nobody")
# Ways that schemathesis tells of more than it checks: a route may take what its description does not forbid.
_UNSAID = {
    "positive_data_acceptance",  # a body that fits may name a source that does not exist
    "negative_data_rejection",  # a form of files is described loosely
    "missing_required_header",
    "ignored_auth",  # the description says nothing of how to sign in
    "use_after_free",
    "ensure_resource_availability",
    "unsupported_method",
}

_REQUEST = {"method", "url", "params", "data", "json", "files", "cookies"}


@dataclass
class Fuzzed:
    """What was called and what came of it."""

    calls: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    reached: set[str] = field(default_factory=set)  # operations that answered with success


@contextmanager
def served(folder: Path, who: str) -> Iterator[tuple[TestClient, dict[str, list[Any]]]]:
    """The API over a small system; yields a client that calls as `who`, and ids that exist, by parameter."""
    system = System(folder, readers={"rules": [{"glob": "hr/**", "readers": ["hr"]}]})
    system.source.texts = {
        "travel.txt": "Train tickets are booked in Concur.\n",
        "hr/pay.txt": "Grade K7: 4,310 euros.\n",
    }
    system.ingestor.sync("s", "cli")
    system.page_images = PageImages(system.library, system.blobs, system.registry, cast(Any, system.parsers))  # type: ignore[attr-defined]
    headers = {}
    if who != "operator":
        system.settings = system.settings.model_copy(update={"sign_in": "accounts"})
    for name in PEOPLE:
        system.people.add(name, name, ["hr"], name, LOCAL_OPERATOR)
    if who in PEOPLE:
        token, _ = system.people.add_token(who, LOCAL_OPERATOR, scopes=scopes_of(cast(Role, who)))
        headers["Authorization"] = f"Bearer {token}"
    api = create_api(cast(App, system), ListQueue())
    with TestClient(api, base_url="http://127.0.0.1:8090", raise_server_exceptions=False, headers=headers) as client:
        known = _made(system, client) if who != "nobody" else {"name": ["s"], "source": ["s"], "key": ["travel.txt"]}
        yield client, known
    system.close()


def _made(system: System, client: TestClient) -> dict[str, list[Any]]:
    """Make one of everything that has an id; return the ids by the names of their parameters."""
    system.registry.add_tool_kind("lamp", LampConfig, Lamp)
    system.tools.add("hall", "lamp", {"room": "hall"}, ["hr"], LOCAL_OPERATOR)
    question = {
        "question": "How are tickets booked?",
        "attachments": [{"data": base64.b64encode(png("green")).decode()}],
    }
    begun = client.post("/api/conversations", json=question).json()
    conversation, turn = begun["conversation"]["id"], begun["turn"]["id"]
    client.get(f"/api/conversations/{conversation}/turns/{turn}/events")
    uploaded = client.post("/api/uploads", files=[("files", ("tea.txt", b"Tea is at four.\n"))]).json()
    assert [one["key"] for one in uploaded["uploads"]] == ["tea.txt"]
    said = {"question": "q", "answer": "a", "verdict": "up", "cited": [{"source": "s", "key": "travel.txt"}]}
    feedback = client.post("/api/feedback", json=said).json()["id"]
    kept = system.question_desk.keep_feedback(LOCAL_OPERATOR, feedback, AnswerCase("q"))
    return {
        "config": [{"room": "hall"}],
        "conversation": [conversation],
        "feedback_id": [feedback],
        "key": ["travel.txt", "tea.txt"],
        "kind": ["memory", "lamp"],
        "name": ["s", "hall"],
        "number": ["1"],
        "query": ["tickets"],
        "question": ["How are tickets booked?"],
        "question_id": [kept.record.id],
        "run_id": [run.id for run in system.catalog.runs.newest()],
        "source": ["s"],
        "turn": [turn],
    }


def operations(client: TestClient) -> list[Any]:
    """Return every operation of the API's description."""
    import schemathesis

    schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    found = [one.ok() for one in schema.get_all_operations()]
    return sorted(found, key=lambda one: one.method == "delete")  # what is removed is called for nothing afterwards


def fuzz(client: TestClient, known: dict[str, list[Any]], operation: Any, cases: int, seed: int) -> Fuzzed:
    """Call one operation so often; fails where an answer is a server error or none that the description has.

    Every other case is one that does not fit the description, and in half of all, ids are of what exists.
    """
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from hypothesis import strategies as st
    from schemathesis import GenerationMode
    from schemathesis.checks import CHECKS, load_all_checks

    load_all_checks()
    excluded = [CHECKS.get_one(name) for name in sorted(_UNSAID & set(CHECKS.get_all_names()))]
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    try:
        either = st.one_of(right, operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
        either.validate()
    except Exception:  # noqa: BLE001 - of an operation without parameters nothing can be wrong
        either = right
    done = Fuzzed()
    chance = random.Random(seed)

    @seeded(seed)
    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=either)
    def call(case: Any) -> None:
        if chance.random() < 0.5:
            _use(case, known, chance)
        try:
            sent = _sent(client, case)
        except InvalidURL:  # over 65,536 characters: the client has a limit of its own, and so have servers
            return
        done.calls += 1
        done.statuses[sent.status_code] += 1
        if sent.status_code < 300:
            done.reached.add(operation.label)
        assert sent.status_code < 500, f"{case.as_curl_command()}\n{sent.text}"
        case.validate_response(sent, excluded_checks=excluded)

    call()
    return done


def _use(case: Any, known: dict[str, list[Any]], chance: random.Random) -> None:
    for held in (case.path_parameters, case.query, case.body if isinstance(case.body, dict) else None):
        for name in held or {}:
            if known.get(name):
                held[name] = chance.choice(known[name])


def _sent(client: TestClient, case: Any) -> Any:
    from requests import Request, Session

    kwargs = case.as_transport_kwargs(base_url="http://127.0.0.1:8090")
    kwargs.pop("timeout", None)
    headers = {**dict(kwargs.pop("headers", {}) or {})}
    prepared = Session().prepare_request(Request(headers=headers, **{k: v for k, v in kwargs.items() if k in _REQUEST}))
    body = prepared.body
    if hasattr(body, "read"):
        body = body.read()
    sent = {name: value for name, value in prepared.headers.items() if name.lower() not in {"host", "user-agent"}}
    return client.request(prepared.method, prepared.url, headers=sent, content=body or b"", follow_redirects=False)
