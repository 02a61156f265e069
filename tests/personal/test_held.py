"""Everything that is held on a person is handed out to the person, and less to who manages people."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assistant.errors import AccessDeniedError, NotFoundError
from assistant.types import LOCAL_OPERATOR
from tests.personal.conftest import ANN, BOB, ROOT, Office


def files(office: Office, by: Any) -> dict[str, bytes]:
    return {one.name: one.data for one in office.desk.held("ann", by)}


@pytest.mark.parametrize("by", [ANN, LOCAL_OPERATOR])
def test_the_person_gets_all_of_it(office: Office, by: Any) -> None:
    found = files(office, by)
    account = json.loads(found["account.json"])["account"]
    assert (account["name"], account["email"], account["groups"]) == ("wombat Brown", "wombat@example.com", ["hr"])
    assert [row["name"] for row in json.loads(found["tokens.json"])] == ["wombat laptop"]
    assert [row["address"] for row in json.loads(found["sessions.json"])] == ["203.0.113.7"]
    assert [row["reason"] for row in json.loads(found["openings.json"])] == ["wombat"]
    assert [row["action"] for row in json.loads(found["audit.json"])] == ["asked wombat"]
    assert [row["reason"] for row in json.loads(found["feedback.json"])] == ["wombat"]
    conversations = json.loads(found["conversations.json"])
    assert [row["deleted_at"] is None for row in conversations] == [True, False]
    for row in conversations:
        folder = f"conversations/{row['id']}"
        assert [turn["question"] for turn in json.loads(found[f"{folder}/asked.json"])] == ["wombat?"]
        assert found[f"{folder}/attachments/001 wombat_.._shot.png"] == b"wombat"
    assert found["uploads/0001 wombat.txt"] == b"wombat has a cat\n"
    assert [row["file"] for row in json.loads(found["uploads.json"])] == ["uploads/0001 wombat.txt"]
    everything = b"".join(found.values())
    assert b"gecko" not in everything, "nothing of others"
    for secret in (b"$argon2", b"ann00000", b"ann11111"):
        assert secret not in everything, "nothing that signs in"


def test_an_admin_gets_nothing_of_what_was_said_attached_or_uploaded(office: Office) -> None:
    found = files(office, ROOT)
    assert not [name for name in found if "/" in name]
    for name in ("conversations.json", "feedback.json"):
        assert len(json.loads(found[name])) >= 1
        assert b"wombat" not in found[name]
    assert json.loads(found["account.json"])["account"]["email"] == "wombat@example.com"


def test_nobody_else_gets_anything(office: Office) -> None:
    with pytest.raises(AccessDeniedError):
        office.desk.held("ann", BOB)
    with pytest.raises(NotFoundError):
        office.desk.held("nobody", ROOT)


def test_a_file_that_is_gone_is_said_to_be(office: Office) -> None:
    office.blobs.delete("attachment")
    office.blobs.delete("upload")
    for key in list(office.blobs.keys()):
        office.blobs.delete(key)
    found = files(office, ANN)
    row = json.loads(found["uploads.json"])[0]
    assert row["file"] is None
    assert "wombat.txt" in row["missing"]
