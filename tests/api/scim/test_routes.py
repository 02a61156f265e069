"""What identity providers send, to the letter of the standard and beside it, and what follows for who reads what."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from assistant.errors import NotFoundError
from assistant.types import LOCAL_OPERATOR
from tests.api.scim.conftest import Served

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@pytest.fixture
def scim(served: Served) -> Any:
    with served.client() as client:
        yield client


def add_person(scim: httpx.Client, user: str, /, **more: Any) -> str:
    made = scim.post("/Users", json={"schemas": [USER], "userName": user, **more})
    assert made.status_code == 201, made.text
    assert made.headers["Location"] == made.json()["meta"]["location"]
    return str(made.json()["id"])


def add_group(scim: httpx.Client, name: str, *members: str) -> str:
    body = {"schemas": [GROUP], "displayName": name, "members": [{"value": one} for one in members]}
    made = scim.post("/Groups", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def patch(scim: httpx.Client, path: str, *operations: dict[str, Any]) -> httpx.Response:
    return scim.patch(path, json={"schemas": [PATCH], "Operations": list(operations)})


def keys(served: Served, name: str) -> list[str]:
    user = served.system.catalog.people.get(name).user
    return [info.ref.key for info in served.system.library.documents(user)]


def test_groups_of_the_provider_open_documents_from_the_next_request_on(served: Served, scim: httpx.Client) -> None:
    ann, bob = add_person(scim, "ann@corp.local"), add_person(scim, "bob")
    payroll = add_group(scim, "payroll", ann)
    hr = add_group(scim, "hr", payroll)
    assert keys(served, "ann@corp.local") == ["a.txt", "hr/b.txt"]
    assert scim.get(f"/Users/{ann}").json()["groups"] == [{"value": payroll, "display": "payroll", "type": "direct"}]
    assert keys(served, "bob") == ["a.txt"]
    assert patch(scim, f"/Groups/{hr}", {"op": "Add", "path": "members", "value": [{"value": bob}]}).status_code == 200
    assert keys(served, "bob") == ["a.txt", "hr/b.txt"]
    entra = {"op": "Remove", "path": "members", "value": [{"value": bob}]}
    assert [one["value"] for one in patch(scim, f"/Groups/{hr}", entra).json()["members"]] == [payroll]
    okta = {"op": "remove", "path": f'members[value eq "{payroll}"]'}
    assert "members" not in patch(scim, f"/Groups/{hr}", okta).json()
    assert keys(served, "ann@corp.local") == ["a.txt"]
    assert keys(served, "bob") == ["a.txt"]
    renamed = patch(scim, f"/Groups/{hr}", {"op": "Replace", "value": {"displayName": "People & Culture"}}).json()
    assert (renamed["id"], renamed["displayName"]) == (hr, "People & Culture")
    assert served.system.catalog.groups.all()[0].name in {"everyone", "hr"}  # readers still name it hr


def test_who_is_not_active_is_out_at_once(served: Served, scim: httpx.Client) -> None:
    ann = add_person(scim, "ann", displayName="Ann B")
    token, _ = served.system.people.add_token("ann", LOCAL_OPERATOR)
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{served.url}/api/documents", headers=headers, timeout=60).status_code == 200
    changed = patch(scim, f"/Users/{ann}", {"op": "Replace", "path": "active", "value": "False"})  # as Entra has it
    assert changed.json()["active"] is False
    assert httpx.get(f"{served.url}/api/documents", headers=headers, timeout=60).status_code == 401
    unsaid = scim.put(f"/Users/{ann}", json={"schemas": [USER], "userName": "ann"})
    assert unsaid.status_code == 200
    assert (
        httpx.get(f"{served.url}/api/documents", headers=headers, timeout=60).status_code == 401
    )  # not on again by silence
    assert patch(scim, f"/Users/{ann}", {"op": "replace", "value": {"active": True}}).json()["active"] is True
    assert httpx.get(f"{served.url}/api/documents", headers=headers, timeout=60).status_code == 200


def test_a_deleted_person_leaves_nothing_and_nobody_takes_the_id(served: Served, scim: httpx.Client) -> None:
    ann = add_person(scim, "ann", externalId="4711")
    add_group(scim, "hr", ann)
    served.system.people.set_role("ann", "admin", LOCAL_OPERATOR)
    token, _ = served.system.people.add_token("ann", LOCAL_OPERATOR)
    assert scim.delete(f"/Users/{ann}").status_code == 204
    assert scim.get(f"/Users/{ann}").status_code == 404
    left = served.system.catalog.people.get("ann")
    assert (left.disabled, left.role, left.user.groups) == (True, "employee", {"everyone"})
    for external in ({}, {"externalId": "4712"}):
        taken = scim.post("/Users", json={"schemas": [USER], "userName": "Ann", **external})
        assert (taken.status_code, taken.json()["scimType"]) == (409, "uniqueness")
    assert add_person(scim, "ann", externalId="4711") == ann  # the same person comes back, with nothing of before
    assert keys(served, "ann") == ["a.txt"]
    with pytest.raises(Exception, match="revoked"):
        served.system.people.sign_in(token)


def test_who_is_erased_is_nobody_that_the_provider_finds_or_brings_back(served: Served, scim: httpx.Client) -> None:
    ann = add_person(scim, "ann", externalId="4711", displayName="Ann Wombat")
    served.system.catalog.personal.begin_erasing("ann")
    for _ in range(2):  # while it goes on, and afterwards
        assert scim.get(f"/Users/{ann}").status_code == 404
        assert scim.get("/Users", params={"filter": 'userName eq "ann"'}).json()["totalResults"] == 0
        enable = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "active", "value": True}]}
        assert scim.patch(f"/Users/{ann}", json=enable).status_code == 404
        taken = scim.post("/Users", json={"schemas": [USER], "userName": "ann", "externalId": "4711"})
        assert taken.status_code == 409
        assert served.system.catalog.people.get("ann").disabled
        served.system.catalog.personal.end_erasing("ann", ())
    with pytest.raises(NotFoundError):
        served.system.catalog.credentials.set_password("ann", "x", must_change=True)


def test_filters_paging_sorting_and_attributes(scim: httpx.Client) -> None:
    for number, name in enumerate(("ann", "bob", "cora")):
        mail = [{"value": f"{name}@corp.example", "type": "work", "primary": True}]
        add_person(scim, name, externalId=str(number), emails=mail, name={"givenName": name.title()})

    def found(query: str, **more: str) -> list[str]:
        answer = scim.get("/Users", params={"filter": query, **more})
        assert answer.status_code == 200, answer.text
        return [one["userName"] for one in answer.json()["Resources"]]

    assert found('userName eq "ANN"') == ["ann"]
    assert found('externalId eq "1" or userName sw "co"') == ["bob", "cora"]
    assert found('emails[type eq "work" and value co "cora@"]') == ["cora"]
    assert found('name.givenName pr and not (userName eq "ann")', sortBy="userName", sortOrder="descending") == [
        "cora",
        "bob",
    ]
    page = scim.get("/Users", params={"startIndex": "2", "count": "1", "attributes": "userName"}).json()
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (3, 2, 1)
    assert sorted(page["Resources"][0]) == ["id", "schemas", "userName"]
    for wrong in ("userName eq", 'nothing eq "x"', "userName gt"):
        refused = scim.get("/Users", params={"filter": wrong})
        assert (refused.status_code, refused.json()["scimType"]) == (400, "invalidFilter"), wrong


def test_versions_are_compared(scim: httpx.Client) -> None:
    ann = add_person(scim, "ann")
    version = scim.get(f"/Users/{ann}").headers["ETag"]
    assert scim.get(f"/Users/{ann}", headers={"If-None-Match": version}).status_code == 304
    first = {"If-Match": version}
    body = {"schemas": [USER], "userName": "ann", "displayName": "Ann"}
    assert scim.put(f"/Users/{ann}", json=body, headers=first).status_code == 200
    assert scim.put(f"/Users/{ann}", json=body, headers=first).status_code == 412
    assert scim.delete(f"/Users/{ann}", headers=first).status_code == 412
    assert scim.get(f"/Users/{ann}").json()["displayName"] == "Ann"


def test_what_is_refused_is_told_in_scims_form(served: Served, scim: httpx.Client) -> None:
    ann = add_person(scim, "ann")
    served.system.people.add("local", "", [], "employee", LOCAL_OPERATOR)
    hr, it = add_group(scim, "hr"), add_group(scim, "it")
    cases = [
        (scim.post("/Users", json={"schemas": [USER], "userName": "operator"}), 400, "invalidValue"),
        (scim.post("/Users", json={"schemas": [USER], "userName": "LOCAL"}), 409, "uniqueness"),
        (scim.post("/Users", json={"schemas": [USER]}), 400, "invalidValue"),
        (scim.post("/Users", content=b"{"), 400, "invalidSyntax"),
        (scim.put(f"/Users/{ann}", json={"schemas": [USER], "userName": "anna"}), 400, "mutability"),
        (scim.post("/Groups", json={"schemas": [GROUP], "displayName": "everyone"}), 400, "invalidValue"),
        (scim.post("/Groups", json={"schemas": [GROUP], "displayName": "hr"}), 409, "uniqueness"),
        (
            patch(scim, f"/Groups/{hr}", {"op": "add", "path": "members", "value": [{"value": "x"}]}),
            400,
            "invalidValue",
        ),
        (patch(scim, f"/Groups/{hr}", {"op": "add", "path": "members", "value": [{"value": hr}]}), 400, "invalidValue"),
        (patch(scim, f"/Users/{ann}", {"op": "remove"}), 400, "noTarget"),
        (scim.get(f"/Users/{hr}"), 404, None),
        (scim.get("/Users/u!!"), 404, None),
        (scim.get("/Nothing"), 404, None),
        (scim.get("/Schemas", params={"filter": "x"}), 403, None),
    ]
    for number, (answer, status, keyword) in enumerate(cases):
        value = answer.json()
        assert (answer.status_code, value["status"], value.get("scimType")) == (status, str(status), keyword), number
        assert value["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
        assert value["detail"]
    assert patch(scim, f"/Groups/{it}", {"op": "add", "path": "members", "value": [{"value": hr}]}).status_code == 200
    circle = patch(scim, f"/Groups/{hr}", {"op": "add", "path": "members", "value": [{"value": it}]})
    assert "neither can be in itself" in circle.json()["detail"]


def test_only_an_admins_token_with_the_scope_provisions(served: Served) -> None:
    system = served.system
    system.people.add("ann", "", [], "employee", LOCAL_OPERATOR)
    reader, _ = system.people.add_token("root", LOCAL_OPERATOR, scopes=["manage"])
    employee, _ = system.people.add_token("ann", LOCAL_OPERATOR)
    for token, status in ((reader, 403), (employee, 403), ("ast_none", 401)):
        answer = httpx.get(f"{served.url}/scim/v2/Users", headers={"Authorization": f"Bearer {token}"}, timeout=60)
        assert (answer.status_code, answer.json()["status"]) == (status, str(status))
        assert answer.headers["content-type"] == "application/scim+json"


def test_people_made_here_are_none_of_the_providers_business(served: Served, scim: httpx.Client) -> None:
    served.system.people.add("local", "", [], "employee", LOCAL_OPERATOR)
    served.system.catalog.people.change("root", origin="oidc")
    assert [one["userName"] for one in scim.get("/Users").json()["Resources"]] == ["root"]
    local = "u" + "bG9jYWw"  # its id, guessed
    for answer in (scim.get(f"/Users/{local}"), scim.delete(f"/Users/{local}")):
        assert answer.status_code == 404
    refused = scim.post("/Groups", json={"schemas": [GROUP], "displayName": "x", "members": [{"value": local}]})
    assert refused.status_code == 400
