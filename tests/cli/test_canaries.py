"""Secrets are planted wherever one can be set, everything is made to fail and to tell, and none of them comes out."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.cli.conftest import Run
from tests.cli.test_up import Running, running, wait_for
from tests.fakes.chromium import CHROMIUM

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WORD = "canary7"
QDRANT, MODEL, HERD, TOOL, HEADER, FEED, DAV, PASSWORD, BROKER, CATALOG, CHANGED = (
    f"{WORD}-{number:02}-{'xyz' * 5}" for number in range(11)
)
KEY = base64.urlsafe_b64encode(b"canary7 is in this key, you see!").decode()
PLAIN = (WORD, KEY, KEY.rstrip("="), *(base64.b64encode(f"ann:{one}".encode()).decode() for one in (DAV, FEED)))

COMMANDS = (
    "doctor",
    "sources show web --json",
    "tools list",
    "users export ann {}/export",
    "backup {}/kept",
)


class _Echo(BaseHTTPRequestHandler):
    """Refuses everything, and says all that it was sent: no message of an error may hand that on."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.dumps({"error": {"message": f"refused: {dict(self.headers)}"}, "path": self.path}).encode()
        self.send_response(403, "refused")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_PROPFIND = do_HEAD = do_OPTIONS = do_REPORT = do_GET  # noqa: N815

    def log_message(self, *_: Any) -> None:  # type: ignore[override]
        return


@pytest.fixture
def echo() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.timeout(600)  # a server, a browser and eight commands
def test_no_planted_secret_comes_out(
    assistant: Run, folder: Path, tmp_path: Path, assistant_home: Path, echo: str, request: pytest.FixtureRequest
) -> None:
    assistant_home.mkdir()
    settings = (
        f'[models.big]\nurl = "{echo}/v1"\nmodel = "m"\napi_key = "{HERD}"\nroles = ["answer", "fast", "vision"]\n'
        '[tools.remote]\nkind = "mcp"\ngroups = ["everyone"]\n'
        f'url = "{echo}/mcp"\ntoken = "{TOOL}"\nprivate_hosts = ["127.0.0.1"]\n'
    )
    (assistant_home / "assistant.toml").write_text(settings)
    variables = {"ASSISTANT_SECRET_KEY": KEY, "ASSISTANT_QDRANT_API_KEY": QDRANT, "ASSISTANT_LOG_LEVEL": "INFO"}
    told: dict[str, str] = {}
    with running(assistant_home, **variables) as server:
        token = assistant("users", "add", "ann", **variables).returncode == 0
        assert token
        _provoke(server, told, echo, folder)
        for line in COMMANDS:
            command = line.format(tmp_path).split(" ")
            done = assistant(*command, **variables)
            told[line] = done.stdout + done.stderr
        if CHROMIUM.exists():
            told |= _pages(server, request.getfixturevalue("chromium"))
    told["log"] = assistant_home.with_suffix(".log").read_text()
    for where in (tmp_path / "export", tmp_path / "kept", assistant_home):
        files = [path for path in where.rglob("*") if path.is_file() and path.name != "assistant.toml"]
        assert files
        told |= {str(path): path.read_bytes().decode("latin-1") for path in files}
    dead = {
        "ASSISTANT_BROKER_URL": f"redis://:{BROKER}@127.0.0.1:9/0",
        "ASSISTANT_CATALOG_URL": f"postgresql+pg8000://ann:{CATALOG}@127.0.0.1:9/x",
    }
    told["servers that are away"] = str(assistant("doctor", **dead))
    found = {place: [word for word in PLAIN if word in text] for place, text in told.items()}
    around = {place: told[place].partition(words[0])[0][-300:] for place, words in found.items() if words}
    assert not around, "\n".join(f"{place}: {text} HERE" for place, text in around.items())
    assert "refused" in told["log"], "the servers were asked, and what they said is told without secrets"
    assert any(WORD in text for text in (CHANGED, base64.urlsafe_b64decode(KEY).decode()))


def _provoke(server: Running, told: dict[str, str], echo: str, folder: Path) -> None:
    """Add sources and tools with secrets, rightly and wrongly; keep every answer."""
    private = {"private_hosts": ["127.0.0.1"]}
    configs: dict[str, tuple[str, dict[str, Any]]] = {
        "web": ("web", {"start": [f"{echo}/"], "headers": {"X-Key": HEADER}, **private}),
        "feed": ("feed", {"feeds": [f"{echo}/f"], "headers": {"Authorization": f"Bearer {FEED}"}, **private}),
        "dav": ("webdav", {"url": f"{echo}/", "username": "ann", "password": DAV, **private}),
        "folder": ("folder", {"path": str(folder)}),
    }
    with httpx.Client(base_url=server.api, timeout=60) as client:

        def keep(method: str, path: str, **more: Any) -> httpx.Response:
            answer = client.request(method, path, **more)
            told[f"{method} {path} {len(told)}"] = f"{answer.headers} {answer.text}"
            return answer

        for name, (kind, config) in configs.items():
            body = {"name": name, "kind": kind, "config": config, "passwords": [PASSWORD]}
            keep("POST", "/api/sources/test", json={"kind": kind, "config": config})
            keep("POST", "/api/sources", json=body)
            keep("POST", "/api/sources", json={**body, "config": {**config, "unknown": CHANGED}})
            keep("PATCH", f"/api/sources/{name}", json={"config": {**config, "max_bytes": CHANGED}})
            keep("POST", f"/api/sources/{name}/test")
            keep("POST", f"/api/sources/{name}/sync")
        wait_for(lambda: client.get("/api/status").json()["documents"] >= 3)
        tool = {"url": f"{echo}/mcp", "token": TOOL, "headers": {"X-Key": HEADER}, **private}
        keep("POST", "/api/tools", json={"name": "other", "kind": "mcp", "config": tool, "groups": ["everyone"]})
        keep("POST", "/api/tools/test", json={"kind": "mcp", "config": {**tool, "url": CHANGED}})
        for path in ("/api/sources", "/api/tools", "/api/tools/remote", "/api/runs", "/api/failures", "/api/plugins",
                     "/api/status", "/metrics", "/openapi.json", "/ready", "/api/usable-tools"):  # fmt: skip
            keep("GET", path)
        keep("POST", "/api/tools/remote/test")
        keep("POST", "/api/ask", json={"question": "When are train tickets booked?"})
        keep("POST", "/api/conversations", json={"question": "When are train tickets booked?"})
        keep("POST", "/api/ask", json={"question": 1, "api_key": CHANGED})


def _pages(server: Running, chromium: Browser) -> dict[str, str]:
    shown = {}
    page = chromium.new_page()
    for path in ("/sources", "/tools"):
        page.goto(server.ui + path, timeout=90_000)
        page.wait_for_selector("[data-testid=stApp] h1", timeout=90_000)
        page.wait_for_timeout(500)
        shown[f"page {path}"] = page.content()
    page.close()
    return shown
