"""Every answer has headers with which a browser does nothing that it was not meant to."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.datastructures import MutableHeaders

from assistant.api.headers import add_safe_headers, download

EXPECTED = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/status", 200),
        ("GET", "/api/documents", 200),
        ("GET", "/health", 200),
        ("GET", "/metrics", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/api/documents/text?source=s&key=nothing", 404),
        ("GET", "/api/nothing", 404),
        ("PUT", "/api/status", 405),
        ("POST", "/api/search", 422),
    ],
)
def test_every_answer_has_them(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert EXPECTED.items() <= dict(answer.headers).items()
    assert answer.headers["content-security-policy"].startswith("default-src 'none';")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "no-store" in answer.headers["cache-control"]
    assert "strict-transport-security" not in answer.headers


def test_refusals_have_them_too(client: TestClient) -> None:
    foreign = client.get("/api/status", headers={"Host": "evil.example"})
    assert foreign.status_code == 403
    assert EXPECTED.items() <= dict(foreign.headers).items()
    large = client.post("/api/search", content=b"{}", headers={"Content-Length": "99999999999"})
    assert large.status_code == 413
    assert EXPECTED.items() <= dict(large.headers).items()


def test_a_method_that_is_not_allowed_says_which_are(client: TestClient) -> None:
    assert client.put("/api/status").headers["allow"] == "GET"


def test_https_is_insisted_on_where_it_is_used() -> None:
    headers = MutableHeaders()
    add_safe_headers(headers, https=True)
    assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


def test_faults_have_them_too(api: FastAPI, client: TestClient) -> None:
    @api.get("/api/broken")
    def broken() -> None:
        raise RuntimeError("secret")

    answer = client.get("/api/broken")
    assert answer.status_code in {403, 500}
    assert "secret" not in answer.text
    assert EXPECTED.items() <= dict(answer.headers).items()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("plan.md", "attachment; filename=\"plan.md\"; filename*=UTF-8''plan.md"),
        ("../../etc/passwd", "attachment; filename=\"_.._etc_passwd\"; filename*=UTF-8''_.._etc_passwd"),
        (
            'a"; x="\r\nSet-Cookie: a=b',
            "attachment; filename=\"a__ x=___Set-Cookie_ a=b\"; filename*=UTF-8''a__%20x%3D",
        ),
        ("Größe.md", "attachment; filename=\"Gr__e.md\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.md"),
        ("\u202egpj.exe", "attachment; filename=\"_gpj.exe\"; filename*=UTF-8''_gpj.exe"),
        ("...", "attachment; filename=\"file\"; filename*=UTF-8''file"),
    ],
)
def test_a_download_is_saved_under_a_harmless_name(name: str, said: str) -> None:
    answer = download(b"<script>", "text/html", name)
    assert answer.headers["content-disposition"].startswith(said)
    assert "\n" not in answer.headers["content-disposition"]
    assert answer.headers["content-security-policy"].endswith("; sandbox")
    assert answer.headers["cache-control"] == "private, no-store"
