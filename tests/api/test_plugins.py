"""Plugins over the API: for those who manage, and for nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.access import Caller
from assistant.api.signed_in import signed_in
from assistant.registry import load_plugin
from assistant.types import User
from tests.fakes.system import System

STRANGER = """
from assistant.types import Manifest, Permissions, ToolResult

MANIFEST = Manifest("greeter", "1.2", description="Greets.", permissions=Permissions(paths=("/srv",)))


class Greet:
    name = "greet"
    description = "Greets."
    parameters = {"type": "object"}
    writes = False

    def run(self, arguments, user):
        return ToolResult(f"hello {user.id}")


def register(registry):
    registry.add_tool(Greet())


def health():
    raise RuntimeError("no voice")
"""


def test_an_admin_looks_enables_asks_and_disables(client: TestClient, system: System):
    folder = Path(system.folder) / "plugins"
    folder.mkdir()
    (folder / "greeter.py").write_text(STRANGER)
    listed = {one["name"]: one for one in client.get("/api/plugins").json()["plugins"]}
    assert listed["folder"]["state"] == "enabled"
    assert (listed["greeter"]["state"], listed["greeter"]["permissions"]) == ("new", None)
    enabled = client.post("/api/plugins/greeter/enable").json()
    assert (enabled["state"], enabled["version"], enabled["offers"]) == ("enabled", "1.2", ["tool greet"])
    assert enabled["permissions"] == {"hosts": [], "paths": ["/srv"], "secrets": [], "writes": False}
    ill = client.post("/api/plugins/greeter/health")
    assert (ill.status_code, "no voice" in ill.text) == (422, True)
    assert "no voice" in client.get("/api/plugins/greeter").json()["error"]
    assert client.post("/api/plugins/folder/health").json() == {"name": "folder", "health": ""}
    assert client.post("/api/plugins/greeter/disable").json()["state"] == "disabled"
    assert client.post("/api/plugins/nobody/enable").status_code == 404


def test_a_plugin_that_changed_since_it_was_looked_at_is_not_enabled(client: TestClient, system: System):
    folder = Path(system.folder) / "plugins"
    folder.mkdir()
    (folder / "greeter.py").write_text(STRANGER)
    looked = client.get("/api/plugins/greeter").json()
    (listed,) = [one for one in client.get("/api/plugins").json()["plugins"] if one["name"] == "greeter"]
    assert looked["mark"] == listed["mark"] != ""
    (folder / "greeter.py").write_text(STRANGER.replace("/srv", "/home"))
    refused = client.post("/api/plugins/greeter/enable", params={"mark": looked["mark"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "ChangedMeanwhileError")
    again = client.get("/api/plugins/greeter").json()
    assert (again["state"], again["permissions"]["paths"]) == ("new", ["/home"])
    enabled = client.post("/api/plugins/greeter/enable", params={"mark": again["mark"]}).json()
    assert enabled["state"] == "enabled"


@pytest.mark.parametrize("path", ["", "/folder", "/folder/enable", "/folder/disable", "/folder/health"])
def test_an_employee_may_not(api: FastAPI, client: TestClient, path: str):
    api.dependency_overrides[signed_in] = lambda: Caller(User("ann", frozenset({"everyone"})))
    method = "POST" if path.count("/") > 1 else "GET"
    assert client.request(method, f"/api/plugins{path}").status_code == 403


def test_a_pack_is_enabled_for_groups_and_taken_away(client: TestClient, system: System):
    system.registry.packs.open(system.catalog.packs.all, system.library, lambda _, __: True)  # type: ignore[arg-type]
    load_plugin(system.registry, "contracts", "1", "plugins.contracts", "register")
    path = "/api/plugins/contracts"
    assert client.get(path).json()["state"] == "disabled"
    assert client.post(f"{path}/enable").status_code == 422
    body = {"groups": ["legal", "user:ann"], "documents": [{"source": "s", "glob": "contracts/**"}]}
    enabled = client.post(f"{path}/enable", json=body).json()
    assert (enabled["state"], enabled["pack"]) == ("enabled", body)
    assert client.get(path).json()["pack"] == body
    assert "obligations" in system.registry.tools_for(User("bob", frozenset({"legal"})))
    for wrong in ({"groups": []}, {"groups": ["a"], "documents": [{"source": "s", "glob": "[z-a]"}]}, {"group": "a"}):
        assert client.post(f"{path}/enable", json=wrong).status_code == 422
    nowhere = {"groups": ["a"], "documents": [{"source": "nowhere"}]}
    assert client.post(f"{path}/enable", json=nowhere).status_code == 404
    assert client.post(f"{path}/disable").json()["pack"] is None
    assert "obligations" not in system.registry.tools_for(User("bob", frozenset({"legal"})))
