"""The Google Drive source against a scripted Drive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import (
    AssistantError,
    ConfigurationError,
    DocumentTooLargeError,
    DocumentUnreadableError,
    NotFoundError,
    SourceError,
    SourceUnreachableError,
    UnsupportedFormatError,
)
from assistant.plugin_kit import PluginSuite, SourceSuite
from assistant.registry import load_registry
from assistant.types import Access, Changed, Checkpoint
from plugins.cloud.serving import serving
from plugins.google_drive import DriveConfig, DriveSource
from plugins.google_drive.conformance import DriveScene
from plugins.google_drive.scripted import FOLDER, GoogleDrive, private_key
from tests.fakes.sleepless import sleepless

GOOGLE = "application/vnd.google-apps."


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    sleepless(monkeypatch)


@pytest.fixture
def drive() -> Iterator[GoogleDrive]:
    made = GoogleDrive()
    with serving(made):
        yield made


def config(drive: GoogleDrive, **more: Any) -> dict[str, Any]:
    return {"credentials": drive.key(), "api": drive.url, "private_hosts": ["localhost"], **more}


def source(drive: GoogleDrive, **more: Any) -> DriveSource:
    return DriveSource(DriveConfig.model_validate(config(drive, **more)))


def listed(one: DriveSource, cursor: str | None = None) -> tuple[dict[str, str | None], str]:
    changes = list(one.changes(cursor))
    end = changes[-1]
    assert isinstance(end, Checkpoint)
    assert end.complete
    return {change.key: change.version for change in changes if isinstance(change, Changed)}, end.cursor


class TestPlugin(PluginSuite):
    plugin = "google_drive"
    seconds = 120.0  # the machine may have other work


class TestSource(SourceSuite):
    plugin, kind = "google_drive", "google_drive"
    seconds = 120.0  # the machine may have other work

    def scene(self, folder: Path) -> DriveScene:
        return DriveScene(folder)

    def test_readers_are_those_of_the_source(self) -> None:
        """Drive denies nobody: the kit's check would ask for that."""
        scene = DriveScene(Path())
        try:
            scene.put("a.txt", b"x")
            scene.set_readers("a.txt", {"group:hr", "user:ann"}, set())
            assert scene.source().fetch("a.txt").access == Access(frozenset({"group:hr", "user:ann"}))
        finally:
            scene.close()


def test_only_changes_are_asked_for_after_the_first_sync(drive: GoogleDrive) -> None:
    folder = drive.folder("Policies", drive.root)
    for number in range(230):
        drive.add(f"{number}.txt", folder, b"x")
    first, cursor = listed(source(drive))
    assert len(first) == 230
    assert drive.mood.count("/files") == 1 + 1 + 3  # the root, what is in it, and three pages of the folder
    drive.mood.asked.clear()
    again, cursor = listed(source(drive), cursor)
    assert again == first
    assert (drive.mood.count("/files"), drive.mood.count("/changes")) == (
        1,
        2,
    )  # the root; the present token, and changes
    drive.change(folder, name="Rules")
    renamed, cursor = listed(source(drive), cursor)
    assert sorted(renamed.values()) == sorted(first.values())  # all are seen as moved
    assert all(key.startswith("Rules/") for key in renamed)
    drive.change(folder, trashed=True)
    assert listed(source(drive), cursor)[0] == {}


def test_folders_come_and_go_with_what_is_in_them(drive: GoogleDrive) -> None:
    inside, outside = drive.folder("in", drive.root), drive.folder("out", drive.root)
    wanted, moving = drive.folder("wanted", inside), drive.folder("moving", outside)
    deep = drive.folder("deep", moving)
    drive.add("a.txt", wanted)
    drive.add("b.txt", deep)
    one = source(drive, folder=inside)
    keys, cursor = listed(one)
    assert set(keys) == {"wanted/a.txt"}
    drive.change(moving, parents=[inside])
    keys, cursor = listed(one, cursor)
    assert set(keys) == {"wanted/a.txt", "moving/deep/b.txt"}
    drive.change(deep, parents=[wanted])
    drive.delete(moving)
    keys, cursor = listed(one, cursor)
    assert set(keys) == {"wanted/a.txt", "wanted/deep/b.txt"}
    assert one.fetch("wanted/deep/b.txt").title == "b.txt"
    drive.change(wanted, parents=[outside])
    assert listed(one, cursor)[0] == {}
    assert listed(one)[0] == {}


def test_files_of_one_name_and_odd_names_have_keys_of_their_own(drive: GoogleDrive) -> None:
    ids = {drive.add("same.txt", drive.root, text): text for text in (b"one", b"two")}
    odd = drive.add("a/b 'c'.txt", drive.root, b"slash")
    up = drive.add("..", drive.root, b"up")
    drive.add("SAME.txt", drive.root, b"other case")
    keys, _ = listed(source(drive))
    first, second = sorted(ids)
    expected = {"same.txt": ids[first], f"same ({second}).txt": ids[second], f"a∕b 'c' ({odd}).txt": b"slash"}
    expected |= {f".. ({up})": b"up", "SAME.txt": b"other case"}
    assert set(keys) == set(expected)
    assert {key: source(drive).fetch(key).data for key in keys} == expected
    with pytest.raises(NotFoundError):
        source(drive).fetch(f"other ({second}).txt")


def test_google_documents_are_exported_and_others_are_told(drive: GoogleDrive) -> None:
    drive.add("Plan", drive.root, b"docx", f"{GOOGLE}document")
    drive.add("Sheet", drive.root, b"xlsx", f"{GOOGLE}spreadsheet")
    drive.add("Form", drive.root, b"", f"{GOOGLE}form")
    drive.add("Link", drive.root, b"", f"{GOOGLE}shortcut")
    huge = drive.add("Huge", drive.root, b"", f"{GOOGLE}document")
    drive.refused[huge] = (403, "exportSizeLimitExceeded")
    drive.add("big.bin", drive.root, b"x" * 2000)
    drive.add("notes.md", drive.root, b"# x", "application/octet-stream")
    one = source(drive, max_bytes=1000)
    assert set(listed(one)[0]) == {"Plan", "Sheet", "Form", "Huge", "big.bin", "notes.md"}
    assert one.fetch("Plan").media_type.endswith("wordprocessingml.document")
    assert one.fetch("Sheet").data == b"xlsx"
    assert one.fetch("notes.md").media_type == ""  # the house tells it by the name
    with pytest.raises(UnsupportedFormatError, match="Google form"):
        one.fetch("Form")
    with pytest.raises(DocumentTooLargeError, match="no more than 10 MB"):
        one.fetch("Huge")
    with pytest.raises(DocumentTooLargeError, match="2,000 bytes, the limit is 1,000"):
        one.fetch("big.bin")


def test_rights_are_mapped_and_what_is_not_mapped_opens_nothing_wide(drive: GoogleDrive) -> None:
    one = drive.add("a.txt", drive.root, b"x")
    drive.share(
        one,
        {"type": "user", "emailAddress": "Ann@example.org"},
        {"type": "user", "emailAddress": "gone@example.org", "deleted": True},
        {"type": "user", "emailAddress": "late@example.org", "expirationTime": "2020-01-01T00:00:00.000Z"},
        {"type": "group", "emailAddress": "hr@example.org"},
        {"type": "domain", "domain": "example.org", "allowFileDiscovery": True},
        {"type": "anyone"},
    )

    def allowed(**more: Any) -> set[str]:
        access = source(drive, **more).fetch("a.txt").access
        assert access is not None
        return set(access.allow)

    assert allowed() == set()  # only what anybody may find is for everyone
    same = {"other_users": "user:{mail}", "other_groups": "group:{name}"}
    assert allowed(**same) == {"user:Ann@example.org", "group:hr@example.org"}
    people = {"users": {"ann@example.org": "user:ann"}, "links": {"domain:example.org": "group:staff"}}
    assert allowed(**people) == {"user:ann", "group:staff"}
    assert allowed(links={"anyone-link": "group:world"}) == {"group:world"}
    drive.share(one, {"type": "anyone", "allowFileDiscovery": True})
    assert allowed() == {"group:everyone"}
    assert source(drive, readers="rule").fetch("a.txt").access is None
    first, _ = listed(source(drive))
    assert listed(source(drive, **people))[0] != first  # another mapping arrives with the next sync
    drive.unshared.add(one)
    with pytest.raises(DocumentUnreadableError, match="who may read"):
        source(drive).fetch("a.txt")


def test_other_rights_on_a_folder_or_a_shared_drive_reach_what_is_in_it(drive: GoogleDrive) -> None:
    hr, it = ({"type": "group", "emailAddress": f"{name}@example.org"} for name in ("hr", "it"))
    team = drive.shared_drive("Team")
    drive.share(team, hr)
    folder = drive.folder("f", team)
    drive.add("a.txt", folder, b"x")
    one = source(drive, folder=team, other_groups="group:{name}")
    keys, cursor = listed(one)
    assert one.fetch("f/a.txt").access == Access(frozenset({"group:hr@example.org"}))
    drive.share(folder, hr, it)  # the changes name the folder only
    after, cursor = listed(one, cursor)
    assert after != keys
    assert one.fetch("f/a.txt").access == Access(frozenset({"group:hr@example.org", "group:it@example.org"}))
    drive.rights[team] = []  # and of a drive's members they say nothing
    assert listed(one, cursor)[0] != after


@pytest.mark.parametrize("is_shared", [False, True])
def test_other_rights_on_the_configured_folder_reach_what_is_in_it(drive: GoogleDrive, is_shared: bool) -> None:
    hr, it = ({"type": "group", "emailAddress": f"{name}@example.org"} for name in ("hr", "it"))
    root = drive.folder("in", drive.shared_drive("Team") if is_shared else drive.root)
    drive.share(root, hr, it)
    drive.add("a.txt", root, b"x")
    one = source(drive, folder=root, other_groups="group:{name}")
    keys, cursor = listed(one)
    drive.share(root, hr)  # the changes name that folder only
    after, cursor = listed(one, cursor)
    assert after != keys
    assert one.fetch("a.txt").access == Access(frozenset({"group:hr@example.org"}))
    assert listed(one, cursor)[0] == after


def test_a_token_that_is_too_old_lists_all_anew(drive: GoogleDrive) -> None:
    drive.add("a.txt", drive.root, b"x")
    keys, cursor = listed(source(drive))
    drive.add("b.txt", drive.root, b"x")
    drive.kept_from = 99
    after, _ = listed(source(drive), cursor)
    assert set(after) == {"a.txt", "b.txt"}
    assert after["a.txt"] == keys["a.txt"]


def test_only_what_is_wanted(drive: GoogleDrive) -> None:
    for name in ("a.pdf", "b.exe", "old.pdf"):
        drive.add(name, drive.root, b"x")
    one = source(drive, include=["*.pdf"], exclude=["old*"])
    assert set(listed(one)[0]) == {"a.pdf"}
    for key in ("b.exe", "old.pdf"):
        with pytest.raises(NotFoundError):
            one.fetch(key)


def test_a_user_s_own_key_and_a_token_that_was_taken_back(drive: GoogleDrive) -> None:
    drive.add("a.txt", drive.root, b"x")
    key = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}
    one = source(drive, credentials=json.dumps({**key, "token_uri": f"{drive.url}/token"}))
    assert set(listed(one)[0]) == {"a.txt"}
    drive.tokens.clear()
    assert one.fetch("a.txt").data == b"x"
    assert drive.mood.count("/token") == 2


def _refused(status: int, reason: str, message: str) -> Any:
    return status, {}, json.dumps({"error": {"message": message, "errors": [{"reason": reason}]}}).encode()


@pytest.mark.parametrize(
    ("answer", "error", "why"),
    [
        (_refused(403, "accessNotConfigured", "API not enabled"), SourceError, "API not enabled.*enable the Drive API"),
        (_refused(403, "insufficientPermissions", "No scope"), SourceError, "drive.readonly"),
        (_refused(403, "dailyLimitExceeded", "Quota"), SourceUnreachableError, "Quota"),
        (_refused(404, "notFound", "File not found"), SourceError, "share the folder with the account"),
    ],
)
def test_the_connection_test_says_what_is_wrong(
    drive: GoogleDrive, answer: Any, error: type[Exception], why: str
) -> None:
    registry = load_registry()
    values = registry.validate("google_drive", config(drive))
    registry.try_source("google_drive", values)
    made = registry.make_source("google_drive", values)
    next(made.changes(None))  # signed in
    drive.mood.busy.append(answer)
    with pytest.raises(error, match=why) as caught:
        next(made.changes(None))
    assert type(caught.value) is error


def test_a_refused_key_and_a_folder_that_is_a_file_are_told(drive: GoogleDrive) -> None:
    one = drive.add("a.txt", drive.root, b"x")
    with pytest.raises(SourceError, match="is no folder"):
        listed(source(drive, folder=one))
    with pytest.raises(SourceError, match="no folder nowhere"):
        listed(source(drive, folder="nowhere"))
    drive.sign_in_error = "invalid_grant"
    with pytest.raises(SourceError, match=r"does not let robot@.* in: .*invalid_grant") as caught:
        listed(source(drive))
    assert not caught.value.retryable


@pytest.mark.parametrize("key", ["key.json", "{}", '{"type": "api_key"}'])
def test_what_is_no_key_is_refused(drive: GoogleDrive, key: str) -> None:
    with pytest.raises(ConfigurationError, match="it must be"):
        load_registry().validate("google_drive", config(drive, credentials=key))


def test_a_broken_key_is_told_without_showing_it(drive: GoogleDrive) -> None:
    broken = json.loads(drive.key()) | {"private_key": "-----BEGIN PRIVATE KEY-----\nhushhush\n"}
    with pytest.raises(SourceError, match="the key is not whole") as caught:
        listed(source(drive, credentials=json.dumps(broken)))
    shown: BaseException | None = caught.value
    while shown is not None:
        assert "hushhush" not in str(shown)
        shown = None if shown.__suppress_context__ else shown.__context__


def test_neither_key_nor_token_is_logged(drive: GoogleDrive, caplog: pytest.LogCaptureFixture) -> None:
    drive.add("a.txt", drive.root, b"x")
    with caplog.at_level("DEBUG"):
        listed(source(drive))
        source(drive).fetch("a.txt")
    assert caplog.text
    for secret in ("ya29.", private_key()[40:80], "assertion"):
        assert secret not in caplog.text


def test_a_private_network_is_closed_unless_the_admin_opens_it(drive: GoogleDrive) -> None:
    with pytest.raises(AssistantError, match="private network"):
        listed(source(drive, private_hosts=[]))


def test_what_is_in_no_folder_is_not_listed(drive: GoogleDrive) -> None:
    drive.add("shared with me.txt", "", b"x")
    drive.folder("empty", drive.root)
    assert listed(source(drive))[0] == {}
    with pytest.raises(NotFoundError):
        source(drive).fetch("empty")
    assert drive.files[drive.root]["mimeType"] == FOLDER
