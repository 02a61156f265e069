"""The page of a person's own files, in Streamlit's own test harness, against the scripted API."""

from __future__ import annotations

import pytest

from tests.fakes.api import FakeApi
from tests.ui.test_app import press, start, visible
from ui.client import ApiClient, ApiError


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, api: FakeApi) -> None:
    monkeypatch.setenv("ASSISTANT_API_URL", api.url)


def test_a_file_is_sent_listed_and_refused(client: ApiClient, api: FakeApi) -> None:
    taken = client.upload([("note of ann.txt", b"hello")]).uploads[0]
    assert (taken.key, taken.size, taken.state) == ("note of ann.txt", 5, "waiting")
    assert client.uploads().used == 5
    with pytest.raises(ApiError, match="empty"):
        client.upload([("none.txt", b"")])


def test_files_are_uploaded_followed_shared_and_removed(api: FakeApi) -> None:
    app = start("uploads")
    assert "No files of yours yet" in visible(app)
    app.file_uploader(key="upload-0").upload("a.txt", b"one").upload("b.txt", b"")
    app.button(key="FormSubmitter:upload-files-Add to my files").click().run()
    assert not app.exception
    assert set(api.uploads) == {"a.txt"}
    shown = visible(app)
    assert "b.txt: b.txt is empty" in shown
    assert "10.0 MB a file" in shown
    app.run()
    assert "Ready" in visible(app)
    assert "b.txt is empty" in visible(app)
    press(app, "uploads-refused-seen")
    assert "b.txt is empty" not in visible(app)
    app.text_input(key="readers-a.txt-").set_value("hr, user:bob").run()
    press(app, "save-readers-a.txt")
    assert api.uploads["a.txt"]["readers"] == ["hr", "user:bob"]
    assert "shared with hr, user:bob" in visible(app)
    press(app, "remove-upload-a.txt")
    assert "for you and everybody it is shared with" in visible(app)
    press(app, "cancel-remove-upload")
    assert api.uploads
    press(app, "remove-upload-a.txt")
    press(app, "confirm-remove-upload")
    assert not api.uploads


def test_a_file_of_the_same_name_is_read_by_those_who_read_the_former_only_where_it_was_put_for_that(
    client: ApiClient, api: FakeApi
) -> None:
    client.upload([("a.txt", b"one")])
    client.share_upload("a.txt", ["sales"])
    (taken,) = client.upload([("a.txt", b"two")], keeps_readers=True).uploads
    assert (taken.readers, taken.replaced) == (("sales",), True)
    (taken,) = client.upload([("a.txt", b"three")]).uploads
    assert (taken.readers, taken.replaced) == ((), True)


def test_readers_who_were_taken_away_elsewhere_are_not_given_back(client: ApiClient, api: FakeApi) -> None:
    client.upload([("a.txt", b"one")])
    client.share_upload("a.txt", ["user:bob"])
    app = start("uploads")
    assert app.text_input(key="readers-a.txt-user:bob").value == "user:bob"
    client.share_upload("a.txt", [])
    app.run()
    assert app.text_input(key="readers-a.txt-").value == ""


def test_a_file_that_failed_says_why(client: ApiClient, api: FakeApi) -> None:
    client.upload([("scan.png", b"png")])
    api.uploads["scan.png"].update(state="failed", error="no text was found in scan.png")
    shown = visible(start("uploads"))
    assert "Failed" in shown
    assert "no text was found in scan.png" in shown
