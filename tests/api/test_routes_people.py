"""People, their sessions and tokens over the API: one's own, and those of others for admins."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from assistant.access import NewSession, Where
from assistant.errors import NotSignedInError
from assistant.types import LOCAL_OPERATOR, Role
from tests.api.conftest import ListQueue
from tests.fakes.apis import api_over
from tests.fakes.system import System


@pytest.fixture
def strict(system: System) -> Iterator[TestClient]:
    system.settings = system.settings.model_copy(update={"sign_in": "accounts"})
    with TestClient(api_over(system, ListQueue()), base_url="http://127.0.0.1:8090") as client:
        yield client


def session(system: System, person: str, role: Role) -> tuple[dict[str, str], NewSession]:
    system.people.add(person, person.title(), ["hr"], role, LOCAL_OPERATOR)
    new = system.sign_in.known(system.catalog.people.get(person), "oidc", Where("10.0.0.7", "Firefox/1 on Linux"))
    return {"Authorization": f"Bearer {new.secret}"}, new


def test_an_admin_adds_and_changes_people(system: System, strict: TestClient) -> None:
    boss, _ = session(system, "boss", "admin")
    new = {"id": "cora", "name": "Cora", "email": "c@corp.example", "role": "curator", "curates": ["s"]}
    added = strict.post("/api/people", json={**new, "groups": ["hr"]}, headers=boss)
    assert added.status_code == 201
    assert added.json() | new == added.json()
    for wrong in ({"curates": ["none"]}, {"email": "no"}, {"id": "operator"}, {"id": "CORA"}, {"role": "operator"}):
        assert strict.post("/api/people", json={**new, "id": "dan", **wrong}, headers=boss).status_code in {404, 422}
    assert [one["id"] for one in strict.get("/api/people", headers=boss).json()["users"]] == ["boss", "cora"]
    changed = strict.patch("/api/people/cora", json={"role": "auditor", "groups": ["it"]}, headers=boss).json()
    assert (changed["role"], changed["given_groups"], changed["name"]) == ("auditor", ["it"], "Cora")
    assert strict.get("/api/people/cora", headers=boss).json() == changed
    assert strict.get("/api/people/nobody", headers=boss).status_code == 404
    for own in ({"role": "employee"}, {"disabled": True}):
        assert strict.patch("/api/people/boss", json=own, headers=boss).status_code == 403
    assert strict.patch("/api/people/boss", json={"name": "B"}, headers=boss).json()["name"] == "B"


def test_a_new_password_and_a_closed_account_end_sessions(system: System, strict: TestClient) -> None:
    boss, _ = session(system, "boss", "admin")
    ann, _ = session(system, "ann", "employee")
    made = strict.post("/api/people/ann/password", headers=boss).json()
    assert strict.get("/api/me", headers=ann).status_code == 401
    again = system.sign_in.with_password("ann", made["password"], Where())
    assert strict.patch("/api/people/ann", json={"disabled": True}, headers=boss).json()["disabled"]
    with pytest.raises(NotSignedInError):
        system.sign_in.caller(again.secret)
    assert strict.post("/api/people/nobody/password", headers=boss).status_code == 404


def test_everybody_sees_and_ends_own_sessions(system: System, strict: TestClient) -> None:
    ann, held = session(system, "ann", "employee")
    _, of_bob = session(system, "bob", "employee")
    other = system.sign_in.known(system.catalog.people.get("ann"), "password", Where())
    listed = strict.get("/api/sessions", headers=ann).json()["sessions"]
    assert {one["id"]: one["this"] for one in listed} == {held.session.id: True, other.session.id: False}
    assert strict.delete(f"/api/sessions/{of_bob.session.id}", headers=ann).status_code == 404
    system.sign_in.caller(of_bob.secret)
    assert strict.delete("/api/sessions", headers=ann).json() == {"ended": 1}
    with pytest.raises(NotSignedInError):
        system.sign_in.caller(other.secret)
    boss, _ = session(system, "boss", "admin")
    (of_ann,) = strict.get("/api/people/ann/sessions", headers=boss).json()["sessions"]
    assert (of_ann["address"], of_ann["way"]) == ("10.0.0.7", "oidc")
    assert strict.delete("/api/people/ann/sessions", headers=boss).json() == {"ended": 1}
    assert strict.get("/api/me", headers=ann).status_code == 401


def test_an_admin_who_ends_all_own_sessions_keeps_the_one_in_use(system: System, strict: TestClient) -> None:
    boss, held = session(system, "boss", "admin")
    other = system.sign_in.known(system.catalog.people.get("boss"), "password", Where())
    assert strict.delete("/api/people/boss/sessions", headers=boss).json() == {"ended": 1}
    assert system.sign_in.caller(held.secret).user.id == "boss"
    with pytest.raises(NotSignedInError):
        system.sign_in.caller(other.secret)


def test_everybody_makes_and_revokes_own_tokens(system: System, strict: TestClient) -> None:
    ann, _ = session(system, "ann", "employee")
    bob, _ = session(system, "bob", "employee")
    made = strict.post("/api/tokens", json={"name": "script", "scopes": ["read"], "days": 2}, headers=ann).json()
    token = {"Authorization": f"Bearer {made['secret']}"}
    assert strict.get("/api/documents", headers=token).json()["total"] == 2
    (listed,) = strict.get("/api/tokens", headers=ann).json()["tokens"]
    assert listed | {"used_at": None} == made["token"]
    assert strict.get("/api/tokens", headers=bob).json() == {"tokens": []}
    for wrong in ({"days": 0}, {"scopes": []}, {"scopes": ["all"]}):
        assert strict.post("/api/tokens", json=wrong, headers=ann).status_code == 422
    path = f"/api/tokens/{made['token']['id']}"
    assert strict.delete(path, headers=bob).status_code == 404
    assert strict.get("/api/me", headers=token).json()["id"] == "ann"
    assert strict.delete(path, headers=token).json()["state"] == "revoked"  # itself
    assert strict.get("/api/me", headers=token).status_code == 401
    boss, _ = session(system, "boss", "admin")
    assert strict.post("/api/people/bob/tokens", json={}, headers=boss).status_code == 405  # to read as bob
    of_bob = strict.post("/api/tokens", json={}, headers=bob).json()["token"]
    assert [one["id"] for one in strict.get("/api/people/bob/tokens", headers=boss).json()["tokens"]] == [of_bob["id"]]
    assert strict.delete(f"/api/tokens/{of_bob['id']}", headers=boss).json()["state"] == "revoked"


def test_the_status_says_who_asks(system: System, strict: TestClient) -> None:
    cora, _ = session(system, "cora", "curator")
    status = strict.get("/api/status", headers=cora).json()
    told = {name: status[name] for name in ("user", "name", "role", "curates", "sign_in", "has_password")}
    assert told == {
        "user": "cora",
        "name": "Cora",
        "role": "curator",
        "curates": False,
        "sign_in": "accounts",
        "has_password": False,
    }
    system.catalog.people.change("cora", curates=["s"])
    assert strict.get("/api/status", headers=cora).json()["curates"] is True
