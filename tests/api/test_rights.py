"""Who may call which route of the API: every role on every route, from the description that the API gives of itself."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from assistant.access import Caller, Where
from assistant.access.roles import scopes_of
from assistant.api.rights import RIGHTS, ROLES, RULES, Right, check, see_that_all_are_ruled
from assistant.errors import AccessDeniedError, ServiceError
from assistant.types import LOCAL_OPERATOR, Role, User
from tests.api.conftest import ListQueue
from tests.fakes.apis import api_over
from tests.fakes.system import System

PEOPLE: tuple[Role, ...] = ("employee", "curator", "admin", "auditor")
EVERYBODY = frozenset(PEOPLE)
MANAGERS = frozenset({"admin"})
AUDITORS = frozenset({"auditor", "admin"})
CURATORS = frozenset({"curator", "admin"})

# Written a second time, by hand: what is wrong in the table of the API is not to be wrong here in the same way.
EXPECTED: dict[Right, frozenset[Role]] = {
    "signed_in": EVERYBODY,
    "read": EVERYBODY,
    "ask": EVERYBODY,
    "upload": EVERYBODY,
    "curate": CURATORS,
    "manage": MANAGERS,
    "audit": AUDITORS,
    "metrics": AUDITORS,
    "scim": MANAGERS,
}
PUBLIC = {
    ("GET", "/health"): 200,
    ("GET", "/ready"): 200,
    ("GET", "/enter"): 303,
    ("GET", "/sign-in"): 200,
    ("GET", "/sign-in/oidc"): 401,  # there is no provider
    ("GET", "/sign-in/oidc/callback"): 401,
    ("POST", "/sign-in"): 403,  # without the token of its form
    ("GET", "/sign-out"): 200,
    ("POST", "/sign-out"): 403,
    ("GET", "/change-password"): 303,
    ("POST", "/change-password"): 303,
}
# What a token would get more by than it is for: those who come with one are refused, whoever they are.
NOT_BY_TOKEN = {
    ("DELETE", "/api/sessions"),
    ("DELETE", "/api/sessions/{session}"),
    ("POST", "/api/tokens"),
    ("DELETE", "/api/tokens/{token}"),
    ("POST", "/api/people/{person}/password"),
}


@pytest.fixture
def strict(system: System) -> Iterator[TestClient]:
    system.settings = system.settings.model_copy(update={"sign_in": "accounts"})
    with TestClient(
        api_over(system, ListQueue()),
        base_url="http://127.0.0.1:8090",
        raise_server_exceptions=False,
        follow_redirects=False,
    ) as client:
        yield client


def bearer(system: System, person: str, *scopes: str) -> dict[str, str]:
    token, _ = system.people.add_token(person, LOCAL_OPERATOR, scopes=scopes)
    return {"Authorization": f"Bearer {token}"}


def session(system: System, person: str) -> str:
    return system.sign_in.known(system.catalog.people.get(person), "oidc", Where()).secret


def routes(client: TestClient) -> list[tuple[str, str]]:
    paths: dict[str, Any] = client.get("/openapi.json").json()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


def test_every_route_answers_each_role_as_the_table_says(system: System, strict: TestClient) -> None:
    there = routes(strict)
    assert sorted(there) == sorted(RULES)
    signed_in: dict[Role, list[dict[str, str]]] = {}
    for role in PEOPLE:
        system.people.add(role, "", [], role, LOCAL_OPERATOR)
        token = bearer(system, role, *scopes_of(role))
        secret = session(system, role)
        cookie = {"Cookie": f"assistant_session={secret}", "Origin": "http://127.0.0.1:8090"}
        signed_in[role] = [token, {"Authorization": f"Bearer {secret}"}, cookie]
    wrong: list[str] = []
    turns = itertools.count()  # each way in its turn: which one it is makes no difference
    for method, path in there:
        rule = RULES[method, path]
        url = path.replace("{number}", "1").replace("{", "no-").replace("}", "")
        if path.endswith("/events"):
            url = url.replace("no-", "none-")
        nobody = strict.request(method, url).status_code
        if (method, path) in PUBLIC:
            assert rule.right == "public"
            wrong += [f"{method} {path}: nobody got {nobody}"] if nobody != PUBLIC[method, path] else []
            continue
        wrong += [f"{method} {path}: nobody got {nobody}"] if nobody != 401 else []
        for role in PEOPLE:
            ways = signed_in[role][1 if (method, path) in NOT_BY_TOKEN else 0 :]
            status = strict.request(method, url, headers=ways[next(turns) % len(ways)]).status_code
            refused = status in {401, 403}
            if refused == (role in EXPECTED[rule.right]) or status >= 500:
                wrong.append(f"{method} {path}: {role} got {status}, {rule.right}")
    assert wrong == []


def test_a_route_without_a_rule_is_not_served() -> None:
    router = APIRouter()

    @router.get("/api/new")
    def new() -> dict[str, str]:
        return {}

    with pytest.raises(ServiceError, match="GET /api/new has no rule; there is no route DELETE"):
        see_that_all_are_ruled(router.routes)


@pytest.mark.parametrize("right", [right for right in RIGHTS if right != "public"])
def test_a_token_is_good_for_its_scopes_only(right: Right) -> None:
    assert ROLES[right] == EXPECTED[right] | {"operator"}
    admin = User("ann", frozenset(), "admin")
    check(Caller(admin), right)
    scope = {"curate": "manage", "signed_in": "read"}.get(right, right)
    check(Caller(admin, frozenset({scope})), right)
    if right != "signed_in":
        with pytest.raises(AccessDeniedError, match=f"not for '{scope}'"):
            check(Caller(admin, frozenset({"none"})), right)
    if "employee" not in ROLES[right]:
        with pytest.raises(AccessDeniedError, match="only"):
            check(Caller(User("bob", frozenset())), right)


def test_who_is_signed_in_reads_with_own_groups_and_not_after_the_token_is_revoked(
    system: System, strict: TestClient
) -> None:
    system.people.add("ann", "", ["hr"], "employee", LOCAL_OPERATOR)
    system.people.add("bob", "", [], "admin", LOCAL_OPERATOR)
    ann, bob = bearer(system, "ann", "read"), bearer(system, "bob", "read")
    listed = [
        [one["key"] for one in strict.get("/api/documents", headers=who).json()["documents"]] for who in (ann, bob)
    ]
    assert listed == [["hr/salary.txt", "travel.txt"], ["travel.txt"]]
    system.catalog.groups.nest("hr", "payroll")
    system.people.regroup("bob", LOCAL_OPERATOR, add=["payroll"])
    assert strict.get("/api/documents", headers=bob).json()["total"] == 2
    system.people.disable("bob", LOCAL_OPERATOR, disabled=True)
    answer = strict.get("/api/documents", headers=bob)
    assert (answer.status_code, answer.json()["code"]) == (401, "NotSignedInError")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_curator_sees_and_syncs_own_sources_only(system: System, strict: TestClient) -> None:
    system.people.add("cora", "", [], "curator", LOCAL_OPERATOR)
    cora = bearer(system, "cora", "manage")
    assert strict.get("/api/sources", headers=cora).json() == {"sources": [], "kinds": {}}
    assert strict.get("/api/runs", headers=cora).json() == {"runs": [], "total": 0}
    assert strict.post("/api/sources/s/sync", headers=cora).status_code == 404
    system.catalog.people.change("cora", curates=["s"])
    assert [one["name"] for one in strict.get("/api/sources", headers=cora).json()["sources"]] == ["s"]
    (run,) = strict.get("/api/runs", headers=cora).json()["runs"]
    assert strict.get(f"/api/runs/{run['id']}", headers=cora).status_code == 200
    assert strict.post("/api/sources/s/sync", headers=cora).status_code == 202
    assert strict.delete("/api/sources/s", headers=cora).status_code == 403


def test_wrong_tokens_are_slowed_down(system: System, strict: TestClient) -> None:
    wrong = {"Authorization": "Bearer ast_" + "x" * 43}
    statuses = [strict.get("/api/status", headers=wrong).status_code for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    system.people.add("ann", "", [], "employee", LOCAL_OPERATOR)


def test_no_token_makes_tokens_or_passwords_or_ends_sessions(system: System, strict: TestClient) -> None:
    system.people.add("ann", "", [], "admin", LOCAL_OPERATOR)
    system.people.add("bob", "", [], "employee", LOCAL_OPERATOR)
    held = system.sign_in.known(system.catalog.people.get("bob"), "oidc", Where())
    of_bob = system.people.add_token("bob", LOCAL_OPERATOR)[1]
    ann = bearer(system, "ann", "read", "ask", "manage")
    names = {"{person}": "bob", "{session}": held.session.id, "{token}": of_bob.id}
    for method, path in NOT_BY_TOKEN:
        url = path
        for name, value in names.items():
            url = url.replace(name, value)
        body = {} if method == "POST" and path.endswith("tokens") else None
        answer = strict.request(method, url, headers=ann, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "AccessDeniedError"), path
    assert system.sign_in.caller(held.secret).user.id == "bob"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:8090", 201),
        ("http://127.0.0.1:8091", 403),  # the same host, another program on it
        ("https://127.0.0.1", 403),
        ("http://localhost:8090", 403),
        ("http://evil.example", 403),
        ("null", 403),
        (None, 403),
    ],
)
def test_a_cookie_changes_something_from_own_pages_only(
    system: System, strict: TestClient, origin: str | None, status: int
) -> None:
    system.people.add("ann", "", [], "employee", LOCAL_OPERATOR)
    headers = {"Cookie": f"assistant_session={session(system, 'ann')}"}
    assert strict.get("/api/me", headers=headers).json()["id"] == "ann"
    if origin is not None:
        headers["Origin"] = origin
    assert strict.post("/api/tokens", json={}, headers=headers).status_code == status
    assert len(system.people.tokens(LOCAL_OPERATOR)) == (1 if status == 201 else 0)


def test_who_must_change_the_password_does_nothing_else(system: System, strict: TestClient) -> None:
    system.people.add("ann", "", [], "admin", LOCAL_OPERATOR)
    given = system.sign_in.reset_password("ann", LOCAL_OPERATOR)
    secret = system.sign_in.with_password("ann", given, Where()).secret
    for method, path in RULES:
        if (method, path) in PUBLIC:
            continue
        answer = strict.request(method, path, headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 403, path
        assert "PasswordChangeNeededError" in answer.text or path.startswith("/scim/"), path
