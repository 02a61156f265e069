"""No plugin is talked into asking a server that it may not ask: by odd addresses, redirects or a changing resolver."""

from __future__ import annotations

import contextlib
import gc
import importlib
import pkgutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

import plugins
from assistant.errors import AssistantError
from assistant.types import hosts
from tests.fakes.sleepless import sleepless
from tests.plugins.net.goers import EVERY, GUARDED, NAMED, UNGUARDED, Ask

INSIDE, OUTSIDE = "127.0.0.1", "127.0.0.2"
# The same address, in the ways that resolvers and URL parsers understand one.
DISGUISED = [
    *("127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0x7f.1", "127.0.0.1.", "LOCALHOST"),
    *("[::ffff:127.0.0.1]", "[::1]", "0.0.0.0", "0", "127.0.0.3"),  # noqa: S104
]
NOWHERE = ["169.254.169.254", "0.0.0.0", "0.1.2.3", "224.0.0.1", "fe80::1", "::", "fd00:ec2::254", "100.100.100.200"]  # noqa: S104


@dataclass
class Trap:
    """A server at one address that counts who comes, and answers all with a redirect or hangs up."""

    address: str
    location: str = ""
    asked: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._socket = socket.create_server((self.address, 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                came, _ = self._socket.accept()
                with came, contextlib.suppress(OSError):
                    came.settimeout(5)
                    self.asked.append(came.recv(65536) if self.location else b"")
                    if self.location:
                        head = f"HTTP/1.1 307 Elsewhere\r\nLocation: {self.location}\r\nContent-Length: 0\r\n"
                        came.sendall(f"{head}Connection: close\r\n\r\n".encode())

    def close(self) -> None:
        """Hear nobody any more."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def inside() -> Iterator[Trap]:
    trap = Trap(INSIDE)
    yield trap
    trap.close()


@pytest.fixture(autouse=True)
def _in_no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    sleepless(monkeypatch)


def refused(ask: Ask, host: str, port: int, private: tuple[str, ...] = ()) -> str:
    """Return how the plugin refuses."""
    with pytest.raises(AssistantError) as caught:
        ask(host, port, private)
    return str(caught.value)


def test_every_plugin_that_goes_out_is_tried_here() -> None:
    going = set()
    for module in pkgutil.iter_modules(plugins.__path__):
        manifest = getattr(importlib.import_module(f"plugins.{module.name}"), "MANIFEST", None)
        if manifest is not None and manifest.permissions.hosts:
            going.add(module.name)
    assert going == EVERY.keys() | UNGUARDED


@pytest.mark.parametrize("name", GUARDED)
def test_a_private_address_is_not_asked_however_it_is_written(name: str, inside: Trap) -> None:
    for host in DISGUISED:
        refused(GUARDED[name], host, inside.port)
    assert inside.asked == []


@pytest.mark.parametrize("name", GUARDED)
def test_a_server_that_is_meant_is_asked(name: str, inside: Trap) -> None:
    refused(GUARDED[name], INSIDE, inside.port, (INSIDE,))  # for it hangs up
    assert inside.asked, "else the tests beside this one prove nothing"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # see gc.collect
@pytest.mark.parametrize("name", NAMED)
def test_a_server_that_an_admin_names_by_itself_is_asked(name: str, inside: Trap) -> None:
    refused(NAMED[name], INSIDE, inside.port)
    gc.collect()  # pg8000 leaves a connection that breaks off to be collected, which is no other test's business
    assert inside.asked


@pytest.mark.parametrize("name", EVERY)
def test_a_name_that_leads_to_no_server_is_not_asked(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cloud's metadata service is one, also for a host that may lie in a private network."""
    for address in NOWHERE:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, address=address, **__: [_entry(address)])
        connected = _watch(monkeypatch)
        refused(EVERY[name], "inner.example", 80, ("inner.example",))
        assert connected == []


@pytest.mark.parametrize("name", [name for name in EVERY if name not in {"database", "sql", "imap"}])
def test_a_redirect_leads_nowhere_inside(name: str, inside: Trap, monkeypatch: pytest.MonkeyPatch) -> None:
    door = Trap(OUTSIDE, f"http://{INSIDE}:{inside.port}/")
    monkeypatch.setattr(hosts, "is_public", lambda address: address == OUTSIDE)
    try:
        refused(EVERY[name], OUTSIDE, door.port)
        assert door.asked
        assert inside.asked == []
    finally:
        door.close()


@pytest.mark.parametrize("name", [name for name in EVERY if name not in {"database", "sql", "imap"}])
def test_a_resolver_that_changes_its_answer_gains_nothing(
    name: str, inside: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address that was checked is dialled: a name that means another one at each look is asked at the first."""
    real = socket.getaddrinfo
    looks: list[str] = []

    def changing(host: Any, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
        if host not in {"rebinding.example", b"rebinding.example"}:
            return real(host, port, *args, **kwargs)
        looks.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (INSIDE if len(looks) % 2 == 0 else OUTSIDE, port))]

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    monkeypatch.setattr(hosts, "is_public", lambda address: address == OUTSIDE)
    if name in NAMED:  # whose server may lie inside: what changes to is no server's
        monkeypatch.setattr(hosts, "is_server", lambda address: address == OUTSIDE)
    refused(EVERY[name], "rebinding.example", inside.port)
    assert looks
    assert inside.asked == []


@pytest.mark.parametrize("name", ["web", "http_api", "ticket", "mcp", "git", "feed", "webdav"])
def test_a_name_before_the_host_misleads_nobody(name: str, inside: Trap) -> None:
    for host in ("public.example@127.0.0.1", "127.0.0.1\\@public.example", "127.0.0.1#@public.example"):
        with pytest.raises((AssistantError, ValueError)):
            EVERY[name](host, inside.port, ())
    assert inside.asked == []


def _entry(address: str) -> Any:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return (family, socket.SOCK_STREAM, 6, "", (address, 80, 0, 0) if ":" in address else (address, 80))


def _watch(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    connected: list[Any] = []

    class Watched(socket.socket):
        def connect(self, address: Any) -> None:
            connected.append(address)
            raise ConnectionRefusedError

    monkeypatch.setattr(socket, "socket", Watched)
    return connected
