"""The IMAP source against pymap, an IMAP server."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from assistant.errors import DocumentTooLargeError, NotFoundError, SourceError, SourceUnreachableError
from assistant.registry import load_registry
from assistant.types import Changed, Checkpoint, Deleted
from plugins.imap import ImapConfig, ImapSource
from tests.fakes.ports import free_port
from tests.fakes.processes import end

PASSWORD = "correct-horse"  # noqa: S105 - of this test's own server


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    number = free_port()
    program = Path(sys.executable).parent / "pymap"
    login = ["--demo-user", "ann", "--demo-password", PASSWORD]
    command = [str(program), "--host", "127.0.0.1", "--port", str(number), "--no-tls", "dict", *login]
    log = tmp_path_factory.mktemp("pymap") / "log"
    with log.open("wb") as out:
        server = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", number)) == 0:
                    break
            assert server.poll() is None, log.read_text()
            time.sleep(0.1)
        yield number
    finally:
        end(server)


@pytest.fixture
def server(port: int) -> Iterator[IMAPClient]:
    """A person's own mail program, on a mailbox that is empty at first."""
    client = IMAPClient("127.0.0.1", port, ssl=False)
    client.login("ann", PASSWORD)
    for flags, _, name in client.list_folders():
        if name != "INBOX" and b"\\Noselect" not in flags:
            client.delete_folder(name)
    client.select_folder("INBOX")
    if uids := client.search():
        client.delete_messages(uids)
        client.expunge()
    yield client
    client.logout()


def source(port: int, **more: Any) -> ImapSource:
    values = {"host": "127.0.0.1", "port": port, "security": "none", "username": "ann", "password": PASSWORD, **more}
    return ImapSource(ImapConfig.model_validate(values))


def listed(one: ImapSource, cursor: str | None = None) -> tuple[dict[str, str | None], list[str], Checkpoint]:
    changes = list(one.changes(cursor))
    assert isinstance(changes[-1], Checkpoint)
    marks = {change.key: change.version for change in changes if isinstance(change, Changed)}
    return marks, [change.key for change in changes if isinstance(change, Deleted)], changes[-1]


def put(server: IMAPClient, subject: str, folder: str = "INBOX", body: str = "text") -> None:
    server.append(folder, f"Subject: {subject}\r\n\r\n{body}\r\n".encode())


def test_enters_by_the_same_register_as_any_plugin() -> None:
    assert "imap" in load_registry().sources


def test_an_empty_mailbox_lists_nothing_and_completes(server: IMAPClient, port: int) -> None:
    marks, gone, end = listed(source(port))
    assert (marks, gone, end.complete) == ({}, [], True)


def test_mails_come_and_go(server: IMAPClient, port: int) -> None:
    put(server, "one")
    put(server, "=?utf-8?q?Gr=C3=BC=C3=9Fe?=", body="bonjour")
    one = source(port)
    marks, _, end = listed(one)
    assert len(marks) == 2
    assert end.complete
    raw = [one.fetch(key) for key in marks]
    assert [each.title for each in raw] == ["one", "Grüße"]
    assert raw[1].data.endswith(b"bonjour\r\n")
    assert raw[1].media_type == "message/rfc822"
    assert listed(one, end.cursor)[:2] == ({}, [])
    put(server, "three")
    later, gone, after = listed(one, end.cursor)
    assert (len(later), gone, after.complete) == (1, [], False)
    server.select_folder("INBOX")
    first = server.search()[0]
    server.delete_messages([first])  # marked only: people take that for deleted
    assert listed(one, after.cursor)[1] == [next(iter(marks))]
    with pytest.raises(NotFoundError):
        one.fetch(next(iter(marks)))
    assert listed(source(port))[0].keys() == {*list(marks)[1:], *later}


def test_reading_marks_nothing_as_read(server: IMAPClient, port: int) -> None:
    put(server, "one")
    one = source(port)
    one.fetch(next(iter(listed(one)[0])))
    server.select_folder("INBOX")
    assert b"\\Seen" not in server.get_flags(server.search())[server.search()[0]]


def test_a_mail_that_is_moved_keeps_its_mark(server: IMAPClient, port: int) -> None:
    server.create_folder("Zürich & Team/2026")
    put(server, "one")
    put(server, "stays", body="longer")
    one = source(port)
    marks, _, end = listed(one)
    server.select_folder("INBOX")
    server.move(server.search(["SUBJECT", "one"]), "Zürich & Team/2026")
    moved, gone, after = listed(one, end.cursor)
    assert after.complete  # all is listed, so that the move can be seen
    assert gone == []
    assert sorted(map(str, moved.values())) == sorted(map(str, marks.values()))
    key = next(key for key in moved if key.startswith("Zürich & Team/2026/"))
    assert one.fetch(key).title == "one"


def test_a_folder_made_anew_is_other_mails(server: IMAPClient, port: int) -> None:
    server.create_folder("Work")
    put(server, "one", "Work")
    one = source(port)
    marks, _, end = listed(one)
    server.delete_folder("Work")
    assert listed(one, end.cursor)[1] == list(marks)
    with pytest.raises(NotFoundError):
        one.fetch(next(iter(marks)))
    server.create_folder("Work")
    put(server, "other", "Work")
    assert not listed(one, end.cursor)[0].keys() & marks.keys()
    with pytest.raises(NotFoundError):
        one.fetch(next(iter(marks)))


def test_folders_are_chosen_by_name(server: IMAPClient, port: int) -> None:
    for name in ("A/1", "A/2", "B"):
        server.create_folder(name)
        put(server, name, name)
    one = source(port, folders=["A/*"])
    assert sorted(one.fetch(key).title for key in listed(one)[0]) == ["A/1", "A/2"]


def test_limits_are_said(server: IMAPClient, port: int) -> None:
    put(server, "one", body="x" * 500)
    one = source(port, max_bytes=100)
    with pytest.raises(DocumentTooLargeError, match="the limit is 100"):
        one.fetch(next(iter(listed(one)[0])))
    assert listed(source(port, since="2100-01-01"))[0] == {}


def test_a_wrong_password_is_said_and_not_shown(port: int) -> None:
    with pytest.raises(SourceError, match="does not let ann in") as caught:
        listed(source(port, password="hush-hush-hush"))
    assert not caught.value.retryable
    assert "hush" not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_a_server_that_does_not_answer_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(SourceUnreachableError, match="does not answer"):
            listed(source(taken.getsockname()[1]))


def test_a_connection_that_was_lost_is_made_again(server: IMAPClient, port: int) -> None:
    put(server, "one")
    one = source(port)
    marks = listed(one)[0]
    one._mailbox._held[0].socket().shutdown(socket.SHUT_RDWR)
    assert one.fetch(next(iter(marks))).title == "one"


@pytest.mark.parametrize("key", ["../x.eml", "INBOX/1-x.eml", "INBOX/1-1", "1-1.eml", "", "INBOX/1-1.eml"])
def test_other_keys_are_not_found(server: IMAPClient, port: int, key: str) -> None:
    with pytest.raises(NotFoundError):
        source(port).fetch(key)
