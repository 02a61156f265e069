"""What the conformance kit tries the IMAP source with: a server of one folder that speaks as much IMAP as is asked."""

from __future__ import annotations

import re
import socketserver
import threading
from dataclasses import dataclass, field
from pathlib import Path

from plugins.imap.config import ImapConfig
from plugins.imap.source import ImapSource

_VALIDITY = 7
_RUBBISH = b"\x00 what is this\r\n"


@dataclass
class Mailbox:
    """The folder INBOX: mails by uid, and what is wrong with the server."""

    password: str
    mails: dict[int, bytes] = field(default_factory=dict)
    uid: int = 0
    is_down: bool = False
    is_damaged: bool = False

    def answer(self, command: str) -> tuple[list[bytes], str]:
        """Return the lines that answer a command, and how it went."""
        words = command.split(" ", 2)
        state, lines = "OK", []
        match words[0].upper(), words[1].upper() if len(words) > 1 else "":
            case "CAPABILITY", _:
                lines = [b"* CAPABILITY IMAP4rev1"]
            case "LOGIN", _:
                state = "OK" if self.password in command else "NO"
            case "LIST", _:
                lines = [b'* LIST (\\HasNoChildren) "/" "INBOX"']
            case (("EXAMINE" | "SELECT"), _):
                state = "OK" if "INBOX" in command else "NO"
                lines = [f"* {len(self.mails)} EXISTS".encode(), f"* OK [UIDVALIDITY {_VALIDITY}] so".encode()]
            case "UID", "SEARCH":
                lines = [" ".join(["* SEARCH", *map(str, sorted(self.mails))]).encode()]
            case "UID", "FETCH":
                wanted, _, parts = words[2].partition(" ")
                lines = self._fetched(_numbers(wanted), parts.upper())
            case "LOGOUT", _:
                lines = [b"* BYE"]
        return lines, state

    def _fetched(self, wanted: set[int], parts: str) -> list[bytes]:
        lines = []
        for number, (uid, data) in enumerate(sorted(self.mails.items()), start=1):
            if uid in wanted:
                told = f"* {number} FETCH (UID {uid} RFC822.SIZE {len(data)} FLAGS ()"
                told += f' INTERNALDATE "01-Jan-2026 00:{uid // 60 % 60:02}:{uid % 60:02} +0000"'
                body = f" BODY[] {{{len(data)}}}\r\n".encode() + data if "BODY" in parts else b""
                lines.append(told.encode() + body + b")")
        return lines


class ImapScene:
    """A mailbox, and the means to change what is in it. A mail never changes: another content is another mail."""

    secret = "hush-2b8d6c90"  # noqa: S105 - of this scene alone

    def __init__(self, folder: Path) -> None:
        del folder
        self._box = Mailbox(self.secret)
        self._uids: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._server = _Server(("127.0.0.1", 0), _handler(self._box))
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="scene-imap", daemon=True
        )
        self._thread.start()
        self.config = {
            "host": "127.0.0.1",
            "port": self._server.server_address[1],
            "security": "none",
            "username": "ann",
            "password": self.secret,
            "timeout_seconds": 10,
        }

    def source(self) -> ImapSource:
        """Return a new source on the mailbox."""
        return ImapSource(ImapConfig.model_validate(self.config))

    def put(self, key: str, data: bytes) -> None:
        """Deliver a mail in place of the one of this name."""
        box = self._box
        box.mails.pop(self._uids.get(key, 0), None)
        box.uid += 1
        box.mails[box.uid] = data
        self._uids[key], self._names[box.uid] = box.uid, key

    def remove(self, key: str) -> None:
        """Delete a mail."""
        del self._box.mails[self._uids[key]]

    def down(self, is_down: bool) -> None:
        """Hang up on everybody, until told otherwise."""
        self._box.is_down = is_down

    def damage(self, is_damaged: bool) -> None:
        """Talk rubbish, until told otherwise."""
        self._box.is_damaged = is_damaged

    def key_of(self, name: str) -> str:
        """Return the key of the mail that was put under this name."""
        return f"INBOX/{_VALIDITY}-{self._uids[name]}.eml" if name in self._uids else name

    def name_of(self, key: str) -> str:
        """Return the name of the mail with this key."""
        found = re.fullmatch(rf"INBOX/{_VALIDITY}-(\d+)\.eml", key)
        return self._names.get(int(found[1]), key) if found else key

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True


def _handler(box: Mailbox) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            if box.is_down:
                return
            self.wfile.write(_RUBBISH if box.is_damaged else b"* OK ready\r\n")
            while line := self.rfile.readline():
                tag, _, command = line.decode().strip().partition(" ")
                if box.is_down:
                    return
                if box.is_damaged:
                    self.wfile.write(_RUBBISH)
                    return
                lines, state = box.answer(command)
                self.wfile.write(b"\r\n".join([*lines, f"{tag} {state} done\r\n".encode()]))
                if command.upper() == "LOGOUT":
                    return

    return Handler


def _numbers(wanted: str) -> set[int]:
    found: set[int] = set()
    for part in wanted.split(","):
        low, _, high = part.partition(":")
        found |= set(range(int(low), int(high or low) + 1))
    return found


SCENES = {"imap": ImapScene}
