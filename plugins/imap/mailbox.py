"""One connection to an IMAP server, made when it is needed and again when it was lost."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from assistant.errors import NotFoundError, SourceError, SourceUnreachableError
from plugins.imap.config import ImapConfig
from plugins.net import reachable

T = TypeVar("T")
_LEFT_OUT = frozenset({b"\\junk", b"\\trash", b"\\drafts", b"\\all", b"\\noselect", b"\\nonexistent"})
_AT_ONCE = 500  # mails asked for in one command


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as it was opened: uids are those of one `validity` only."""

    name: str
    validity: int


class Mailbox:
    """What the source asks a server. Safe to call from several threads: they take turns.

    Every method raises SourceUnreachableError where the server does not answer, and SourceError where it refuses.
    """

    def __init__(self, config: ImapConfig) -> None:
        self._config = config
        self._held: list[Any] = []  # the connection, if there is one
        self._lock = threading.RLock()
        weakref.finalize(self, _hang_up, self._held)

    def folders(self) -> list[str]:
        """Return the names of the wanted folders, in order; `/` stands between their parts."""
        listed = self._ask(lambda server: server.list_folders())
        wanted = self._config.folders
        names: list[str] = []
        for flags, delimiter, name in listed:
            kinds = {flag.lower() for flag in flags}
            shown = name.replace(delimiter.decode(), "/") if delimiter else name
            taken = any(fnmatchcase(shown, glob) for glob in wanted) if wanted else not kinds & _LEFT_OUT
            if taken and not kinds & {b"\\noselect", b"\\nonexistent"}:
                names.append(name)
        return sorted(names)

    def open(self, name: str) -> Folder:
        """Open a folder for reading.

        Raises:
            NotFoundError: there is none of this name.
        """
        return Folder(name, self._ask(lambda server: _opened(server, name)))

    def uids(self, folder: Folder) -> list[int]:
        """Return the uids of the folder's mails that are not marked as deleted, in order."""
        wanted: list[Any] = ["UNDELETED"]
        if self._config.since is not None:
            wanted += ["SINCE", self._config.since]
        return sorted(self._in(folder, lambda server: server.search(wanted)))

    def marks(self, folder: Folder, uids: Sequence[int]) -> Iterator[tuple[int, str]]:
        """Yield for each mail that is there what stays the same wherever it is moved: its size and when it arrived."""
        for at in range(0, len(uids), _AT_ONCE):
            part = uids[at : at + _AT_ONCE]
            found = self._fetched(folder, part, "RFC822.SIZE", "INTERNALDATE")
            for uid in part:
                if b"RFC822.SIZE" in found.get(uid, {}):
                    arrived: dt.datetime = found[uid][b"INTERNALDATE"]
                    yield uid, f"{found[uid][b'RFC822.SIZE']}-{int(arrived.timestamp())}"

    def size(self, folder: Folder, uid: int) -> int | None:
        """Return a mail's bytes, None if it is not there."""
        found = self._fetched(folder, [uid], "RFC822.SIZE", "FLAGS").get(uid, {})
        if b"RFC822.SIZE" not in found or b"\\Deleted" in found.get(b"FLAGS", ()):
            return None
        return int(found[b"RFC822.SIZE"])

    def read(self, folder: Folder, uid: int) -> bytes | None:
        """Return a mail, without marking it as read; None if it is not there."""
        data = self._fetched(folder, [uid], "BODY.PEEK[]").get(uid, {}).get(b"BODY[]")
        return None if data is None else bytes(data)

    def _fetched(self, folder: Folder, uids: Sequence[int], *parts: str) -> dict[int, dict[bytes, Any]]:
        return self._in(folder, lambda server: server.fetch(uids, parts))

    def _in(self, folder: Folder, action: Callable[[Any], T]) -> T:
        def opened(server: Any) -> T:
            if _opened(server, folder.name) != folder.validity:
                raise NotFoundError(f"the folder {folder.name} was made anew")
            return action(server)

        return self._ask(opened)

    def _ask(self, action: Callable[[Any], T]) -> T:
        """Do something on the connection, once more on a new one where an old one turns out to be lost."""
        from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

        with self._lock:
            for fresh in (not self._held, True):
                try:
                    return action(self._connection())
                except (IMAPClientAbortError, OSError) as error:
                    _hang_up(self._held)
                    if fresh:
                        raise self._unreachable(error) from error
                except IMAPClientError as error:
                    raise SourceError(f"{self._config.host} refuses: {error}", "check the mailbox's rights") from error
        raise AssertionError  # the second turn is a fresh one

    def _connection(self) -> Any:
        if not self._held:
            from imapclient import IMAPClient
            from imapclient.exceptions import LoginError

            config = self._config
            next(reachable(config.host, config.port or 993, (config.host,)))  # an admin names it; it may lie inside
            server = IMAPClient(config.host, config.port, ssl=config.security == "tls", timeout=config.timeout_seconds)
            self._held.append(server)
            server.normalise_times = False
            if config.security == "starttls":
                server.starttls()
            sign_in = server.oauth2_login if config.oauth2 else server.login
            try:
                sign_in(config.username, config.password.get_secret_value())
            except LoginError as error:
                _hang_up(self._held)
                raise SourceError(
                    f"{config.host} does not let {config.username} in", "check user name and password"
                ) from error
        return self._held[0]

    def _unreachable(self, error: Exception) -> SourceUnreachableError:
        return SourceUnreachableError(
            f"the mail server {self._config.host} does not answer: {error}", "check its name, port and encryption"
        )


def _opened(server: Any, name: str) -> int:
    """Return the validity of a folder's uids; it is the selected one then."""
    from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

    try:
        return int(server.select_folder(name, readonly=True)[b"UIDVALIDITY"])
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        if server.folder_exists(name):
            raise
        raise NotFoundError(f"there is no folder {name}") from error


def _hang_up(held: list[Any]) -> None:
    from imapclient.exceptions import IMAPClientError

    while held:
        server = held.pop()
        with contextlib.suppress(IMAPClientError, OSError):
            server.shutdown()
