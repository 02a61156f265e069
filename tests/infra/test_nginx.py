"""The nginx site: taken by nginx; what it does with a stream, a WebSocket and foreign names, over real connections."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.ports import free_port
from tests.fakes.processes import end
from tests.infra.tools import INFRA, passes, run, tool

SITE = (INFRA / "nginx" / "assistant.conf").read_text(encoding="utf-8")
NAME = "assistant.corp.example"


class Upstream:
    """A server that answers with what it was sent; a question in two pieces, the second once `go_on` is set."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.go_on = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with closing(client):
            got = b""
            while b"\r\n\r\n" not in got:
                piece = client.recv(65536)
                if not piece:
                    return  # whoever called went without a question
                got += piece
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
            if b"Upgrade: websocket" in got:
                head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
            client.sendall(head + got)
            if b" /api/ask " in got:
                self.go_on.wait(300)
            client.sendall(b"\nLAST")

    def close(self) -> None:
        self._socket.close()


def configuration(folder: Path, api: int, ui: int, plain: int, tls: int) -> Path:
    """Write the site with this folder's certificate and these ports, in a whole configuration."""
    passes(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"),
        *("-addext", f"subjectAltName=DNS:{NAME}", "-keyout", folder / "key", "-out", folder / "crt"),
    )
    site = re.sub(r"^ *listen \[::\].*\n", "", SITE, flags=re.MULTILINE)
    for old, new in (
        ("/etc/nginx/tls/assistant.crt", str(folder / "crt")),
        ("/etc/nginx/tls/assistant.key", str(folder / "key")),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ", f"listen 127.0.0.1:{tls} "),
        ("127.0.0.1:8090", f"127.0.0.1:{api}"),
        ("127.0.0.1:8091", f"127.0.0.1:{ui}"),
    ):
        assert old in site
        site = site.replace(old, new)
    (folder / "site.conf").write_text(site)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = folder / "nginx.conf"
    whole.write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\nevents {{}}\n"
        f"http {{ access_log off;\n{temporary}include {folder}/site.conf; }}\n"
    )
    return whole


class Site:
    def __init__(self, folder: Path, plain: int, tls: int, api: Upstream) -> None:
        self.plain, self._tls, self.api = plain, tls, api
        self._context = ssl.create_default_context(cafile=folder / "crt")

    def open(self, path: str, *headers: str, method: str = "GET") -> ssl.SSLSocket:
        raw = socket.create_connection(("127.0.0.1", self._tls), timeout=120)
        connection = self._context.wrap_socket(raw, server_hostname=NAME)
        lines = [f"{method} {path} HTTP/1.1", f"Host: {NAME}", *headers, "", ""]
        connection.sendall("\r\n".join(lines).encode())
        return connection

    def get(self, path: str, *headers: str, method: str = "GET") -> str:
        with self.open(path, "Connection: close", *headers, method=method) as connection:
            got = b""
            while piece := connection.recv(65536):
                got += piece
        return got.decode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    nginx = tool("nginx")
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    api, ui, plain, tls = Upstream(), Upstream(), free_port(), free_port()
    whole = configuration(folder, api.port, ui.port, plain, tls)
    passes(nginx, "-t", "-c", whole)
    process = subprocess.Popen([str(nginx), "-c", str(whole)], stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 120
        while True:
            try:
                socket.create_connection(("127.0.0.1", tls), timeout=5).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "error.log").read_text()
                assert time.monotonic() < until, "nginx does not listen"
                time.sleep(0.05)
        yield Site(folder, plain, tls, api)
    finally:
        end(process)
        api.close()
        ui.close()


def test_both_get_the_name_that_people_use_and_the_real_address(site: Site) -> None:
    for path in ("/api/status", "/", "/sign-in"):
        got = site.get(path, "X-Forwarded-For: 6.6.6.6")
        assert "200 OK" in got
        assert f"Host: {NAME}\r\n" in got
        assert "X-Forwarded-For: 127.0.0.1\r\n" in got
        assert "6.6.6.6" not in got
        assert "X-Forwarded-Proto: https\r\n" in got
        assert "Strict-Transport-Security:" in got
        assert "Server: nginx\r\n" in got  # and no version


def test_a_stream_is_passed_on_piece_by_piece(site: Site) -> None:
    with site.open("/api/ask", "Content-Length: 0", "Connection: close", method="POST") as connection:
        first = connection.recv(65536)
        while b"POST /api/ask" not in first:
            first += connection.recv(65536)
        assert b"LAST" not in first
        site.api.go_on.set()
        rest = b""
        while piece := connection.recv(65536):
            rest += piece
        assert b"LAST" in rest


def test_a_websocket_is_passed_to_the_ui(site: Site) -> None:
    with site.open("/_stcore/stream", "Upgrade: websocket", "Connection: Upgrade") as connection:
        got = connection.recv(65536)
        while b"GET /_stcore/stream" not in got:
            got += connection.recv(65536)
    assert got.startswith(b"HTTP/1.1 101")
    assert b"Upgrade: websocket" in got


@pytest.mark.parametrize("path", ["/metrics", "/health", "/ready"])
def test_what_is_for_machines_is_not_shown(site: Site, path: str) -> None:
    assert site.get(path).startswith("HTTP/1.1 404")


def test_plain_http_leads_to_tls_under_the_sites_own_name(site: Site) -> None:
    with socket.create_connection(("127.0.0.1", site.plain), timeout=120) as connection:
        connection.sendall(b"GET /x?y=1 HTTP/1.0\r\nHost: elsewhere.example\r\n\r\n")
        got = connection.recv(65536).decode()
    assert "308" in got.splitlines()[0]
    assert f"Location: https://{NAME}/x?y=1\r\n" in got


def test_guessing_passwords_is_slowed_down(site: Site) -> None:
    answers = []
    while "429" not in answers and len(answers) < 100:
        answers.append(site.get("/change-password", "Content-Length: 0", method="POST").split()[1])
    assert answers[:10] == ["200"] * 10
    assert answers[-1] == "429"
    assert site.get("/sign-in", "Content-Length: 0", method="POST").split()[1] == "429"


def test_many_people_behind_one_address_come_back_from_their_provider(site: Site) -> None:
    answers = [site.get(f"/sign-in/oidc/callback?code={number}&state=x").split()[1] for number in range(60)]
    assert answers == ["200"] * 60


def test_gixy_finds_nothing(tmp_path: Path) -> None:
    done = run(tool("gixy"), configuration(tmp_path, 1, 2, 3, 4))
    assert "Total issues" in done.stdout
    assert "Problem:" not in done.stdout, done.stdout


def test_the_site_and_the_chart_send_every_route_of_the_api_to_it() -> None:
    import yaml

    from assistant.api.rights import RULES

    values = yaml.safe_load((INFRA / "helm" / "assistant" / "values.yaml").read_text(encoding="utf-8"))
    prefixes = values["ingress"]["apiPaths"]
    of_machines = {"/health", "/ready", "/metrics"}
    patterns = re.findall(r"^  location ~ (\S+) \{\n(?!    return)", SITE, flags=re.MULTILINE)
    assert len(patterns) == 2
    routes = {path for _, path in RULES} - of_machines | {"/openapi.json", "/sign-in/oidc/callback", "/scim/v2/Users"}
    assert len(routes) > 40
    for route in routes:
        assert any(re.search(pattern, route) for pattern in patterns), f"nginx sends {route} to the UI"
        assert any(f"{route}/".startswith(f"{prefix}/") for prefix in prefixes), f"the chart sends {route} to the UI"
    for prefix in prefixes:
        assert any(re.search(pattern, one) for pattern in patterns for one in (prefix, f"{prefix}/x")), prefix
