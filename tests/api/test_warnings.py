"""Documents that read like orders, over the API: for admins and curators of their source, without a word of theirs."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import update

from assistant.catalog import Found
from assistant.catalog.models import SourceRow
from assistant.catalog.uploads import UPLOADS
from assistant.injection import Judgement
from assistant.types import User, document_id
from tests.api.test_feedback import become

BAD = Judgement(0.9, {"override": 1})


@pytest.fixture
def warned(api: FastAPI) -> str:
    catalog = api.state.context.app.catalog
    (info, *_) = catalog.documents.page(User("root", role="operator"))
    catalog.suspicions.note([Found(info.ref.id, BAD, "a", "run")])
    assert info.ref.id == document_id(info.ref.source, info.ref.key)
    return info.ref.key


def test_admins_and_curators_see_source_key_and_signs_and_note_that_they_looked(
    client: TestClient, api: FastAPI, warned: str
) -> None:
    source = api.state.context.app.catalog.documents.page(User("root", role="operator"))[0].ref.source
    for user in (User("root", role="admin"), User("cleo", role="curator", curates=frozenset({source}))):
        become(api, user)
        (found,) = client.get("/api/documents/warnings").json()["warnings"]
        assert (found["source"], found["key"], found["score"]) == (source, warned, 0.9)
        assert found["signs"] == {"override": 1}
        assert set(found) == {
            "source", "key", "score", "signs", "flagged", "found_at", "reviewed_at", "reviewed_by",
        }  # fmt: skip
    become(api, User("carl", role="curator", curates=frozenset({"other"})))
    assert client.get("/api/documents/warnings").json() == {"warnings": []}
    assert client.get("/api/documents/warnings", params={"source": source}).status_code == 404
    body = {"source": source, "key": warned}
    assert client.post("/api/documents/warnings/review", json=body).status_code == 404
    become(api, User("root", role="admin"))
    (looked,) = client.post("/api/documents/warnings/review", json=body).json()["warnings"]
    assert (looked["flagged"], looked["reviewed_by"]) == (False, "root")
    assert client.get("/api/documents/warnings").json() == {"warnings": []}
    assert len(client.get("/api/documents/warnings", params={"reviewed": "true"}).json()["warnings"]) == 1
    assert client.post("/api/documents/warnings/review", json={**body, "key": "none"}).status_code == 404


def test_employees_see_none(client: TestClient, api: FastAPI, warned: str) -> None:
    become(api, User("ann"))
    assert client.get("/api/documents/warnings").status_code == 403
    assert client.post("/api/documents/warnings/review", json={"source": "s", "key": warned}).status_code == 403


def test_uploads_are_told_to_nobody_but_the_operator(client: TestClient, api: FastAPI, warned: str) -> None:
    catalog = api.state.context.app.catalog
    (info, *_) = catalog.documents.page(User("root", role="operator"))
    with catalog.database.write() as session:
        session.execute(update(SourceRow).where(SourceRow.name == info.ref.source).values(kind=UPLOADS))
    body = {"source": info.ref.source, "key": warned}
    for user in (User("root", role="admin"), User("cleo", role="curator", curates=frozenset({info.ref.source}))):
        become(api, user)
        assert client.get("/api/documents/warnings").json() == {"warnings": []}
        assert client.get("/api/documents/warnings", params={"source": info.ref.source}).status_code == 404
        assert client.post("/api/documents/warnings/review", json=body).status_code == 404
    become(api, User("root", role="operator"))
    assert len(client.get("/api/documents/warnings").json()["warnings"]) == 1
