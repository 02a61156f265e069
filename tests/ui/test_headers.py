"""The headers of the UI's pages: of every answer, with the page's own scripts and no others."""

from __future__ import annotations

import base64
import hashlib

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.headers import SafeHeaders, streamlit_page

SCRIPT = b"window.a = 1"


def client(**options: bool) -> TestClient:
    app = Starlette(routes=[Route("/", lambda _: PlainTextResponse("hello"))])
    page = b'<script src="./x.js"></script><script>' + SCRIPT + b"</script>"
    return TestClient(SafeHeaders(app, page=page, **options))


def policy(answer: dict[str, str]) -> dict[str, str]:
    return dict(part.strip().split(" ", 1) for part in answer["content-security-policy"].split(";"))


@pytest.mark.parametrize("path", ["/", "/nothing"])
def test_a_page_loads_and_runs_its_own_only(path: str) -> None:
    headers = dict(client().get(path).headers)
    told = policy(headers)
    digest = base64.b64encode(hashlib.sha256(SCRIPT).digest()).decode()
    assert told["script-src"] == f"'self' blob: 'sha256-{digest}'"
    assert "unsafe" not in told["script-src"]
    assert (told["default-src"], told["frame-ancestors"], told["object-src"]) == ("'none'", "'none'", "'none'")
    assert "http" not in headers["content-security-policy"]
    assert (headers["x-frame-options"], headers["x-content-type-options"]) == ("DENY", "nosniff")
    assert "strict-transport-security" not in headers


def test_https_is_insisted_on_where_it_is_used() -> None:
    assert client(https=True).get("/").headers["strict-transport-security"].startswith("max-age=31536000")


def test_streamlit_has_the_page_that_the_hashes_are_of() -> None:
    assert b"<script>" in streamlit_page()
