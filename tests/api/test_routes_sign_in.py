"""The pages to sign in and out: forms, cookies, where they lead, and what they refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from assistant.access import Where
from assistant.api.forms import safe_next
from assistant.types import LOCAL_OPERATOR
from tests.api.conftest import ListQueue
from tests.fakes.apis import api_over
from tests.fakes.system import System

GOOD, OTHER = "grey otters like rain", "brown otters like sun"
OWN = {"Origin": "http://127.0.0.1:8090"}


def opened(system: System, base_url: str = "http://127.0.0.1:8090", **settings: Any) -> TestClient:
    system.settings = system.settings.model_copy(update={"sign_in": "accounts", **settings})
    return TestClient(api_over(system, ListQueue()), base_url=base_url, follow_redirects=False)


@pytest.fixture
def browser(system: System) -> Iterator[TestClient]:
    system.people.add("ann", "Ann B", ["hr"], "employee", LOCAL_OPERATOR)
    given = system.sign_in.reset_password("ann", LOCAL_OPERATOR)
    system.sign_in.change_password("ann", given, GOOD, Where())
    system.sign_in.end_all("ann", LOCAL_OPERATOR)
    with opened(system) as client:
        yield client


def token_of(page: httpx.Response) -> str:
    found = re.search(r'name="token" value="([0-9a-f]{64})"', page.text)
    assert found, page.text
    return found[1]


def fill(browser: TestClient, path: str, headers: dict[str, str] = OWN, **fields: str) -> httpx.Response:
    """Get a page and send its form."""
    shown = browser.get(path)
    fields = {"token": token_of(shown), **fields}
    return browser.post(path.partition("?")[0], data=fields, headers=headers)


def sign_in(browser: TestClient, password: str = GOOD, path: str = "/") -> httpx.Response:
    return fill(browser, "/sign-in", user="ann", password=password, next=path)


def test_signing_in_sets_a_cookie_and_leads_to_the_page_that_was_asked_for(browser: TestClient) -> None:
    asked = browser.get("/enter", params={"next": "/documents?source=s&key=hr/salary.txt"})
    assert asked.status_code == 303
    assert asked.headers["location"].startswith("/sign-in?next=%2Fdocuments%3Fsource")
    shown = browser.get(asked.headers["location"])
    inside = re.search(r'name="next" value="([^"]*)"', shown.text)
    assert inside
    answer = sign_in(browser, path=unescape(inside[1]))
    assert answer.status_code == 303
    assert answer.headers["location"] == "http://127.0.0.1:8091/documents?source=s&key=hr/salary.txt"
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith("assistant_session=ses_")]
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Max-Age" not in cookie
    assert browser.get("/api/me").json()["id"] == "ann"
    assert [one["key"] for one in browser.get("/api/documents").json()["documents"]] == ["hr/salary.txt", "travel.txt"]
    assert browser.get("/enter", params={"next": "/x"}).headers["location"] == "http://127.0.0.1:8091/x"


def test_each_sign_in_has_a_secret_of_its_own(browser: TestClient) -> None:
    browser.cookies.set("assistant_session", "ses_" + "f" * 43, domain="127.0.0.1")  # what somebody else put there
    sign_in(browser)
    first = browser.cookies["assistant_session"]
    assert first != "ses_" + "f" * 43
    sign_in(browser)
    assert browser.cookies["assistant_session"] != first


def test_a_wrong_password_shows_the_form_again_without_it(browser: TestClient) -> None:
    answer = sign_in(browser, 'wrong <script>"')
    assert answer.status_code == 401
    assert "The name or the password is wrong" in answer.text
    assert 'value="ann"' in answer.text
    assert "script" not in answer.text
    assert "set-cookie" not in answer.headers
    assert fill(browser, "/sign-in", user='"><b>', password="x").text.count("<b>") == 0


def test_a_form_from_elsewhere_or_without_its_token_is_refused(browser: TestClient) -> None:
    for headers, fields in (
        ({}, {}),
        ({"Origin": "null"}, {}),
        ({"Origin": "http://127.0.0.1:8091"}, {}),
        (OWN, {"token": ""}),
        (OWN, {"token": "0" * 64}),
        (OWN, {"token": "\u00e9"}),
    ):
        answer = fill(browser, "/sign-in", headers, user="ann", password=GOOD, **fields)
        assert answer.status_code == 403, headers
    shown = browser.get("/sign-in")
    browser.cookies.delete("assistant_form")
    data = {"user": "ann", "password": GOOD, "token": token_of(shown)}
    assert browser.post("/sign-in", data=data, headers=OWN).status_code == 403
    assert "assistant_session" not in browser.cookies
    sign_in(browser)
    assert fill(browser, "/sign-out", {}).status_code == 403
    assert browser.get("/api/me").status_code == 200


def test_signing_out_ends_the_session(browser: TestClient) -> None:
    sign_in(browser)
    secret = browser.cookies["assistant_session"]
    assert "signed in as ann" in browser.get("/sign-out").text
    assert fill(browser, "/sign-out").headers["location"] == "/sign-out"
    assert "assistant_session" not in browser.cookies
    assert browser.get("/api/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert "You are signed out" in browser.get("/sign-out").text


def test_a_password_is_changed_by_whoever_knows_the_old_one(system: System, browser: TestClient) -> None:
    assert browser.get("/change-password").headers["location"].startswith("/sign-in?next=")
    assert browser.post("/change-password", headers=OWN).headers["location"] == "/sign-in"
    sign_in(browser)
    other = system.sign_in.with_password("ann", GOOD, Where())
    for fields, said in (
        ({"old": OTHER, "new": OTHER, "again": OTHER}, "The password that you have is another"),
        ({"old": GOOD, "new": OTHER, "again": GOOD}, "are not the same"),
        ({"old": GOOD, "new": "short", "again": "short"}, "12 to 1000 characters"),
        ({"old": GOOD, "new": "ann ann ann ann ann", "again": "ann ann ann ann ann"}, "first that are guessed"),
    ):
        answer = fill(browser, "/change-password", **fields)
        assert said in answer.text
        assert answer.status_code in {401, 422}
    before = browser.cookies["assistant_session"]
    answer = fill(browser, "/change-password?next=/chat", old=GOOD, new=OTHER, again=OTHER, next="/chat")
    assert answer.headers["location"] == "http://127.0.0.1:8091/chat"
    assert browser.cookies["assistant_session"] != before
    assert browser.get("/api/me").status_code == 200
    for secret in (before, other.secret):
        assert browser.get("/api/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_a_given_password_leads_to_its_change(system: System, browser: TestClient) -> None:
    given = system.sign_in.reset_password("ann", LOCAL_OPERATOR)
    answer = sign_in(browser, given, "/documents")
    assert answer.headers["location"] == "/change-password?next=%2Fdocuments"
    assert browser.get("/api/status").json()["code"] == "PasswordChangeNeededError"
    assert browser.get("/enter").headers["location"] == "/change-password?next=%2F"
    assert "set by somebody else" in browser.get("/change-password").text
    fill(browser, "/change-password", old=given, new=OTHER, again=OTHER)
    assert browser.get("/api/status").status_code == 200


def test_many_wrong_passwords_from_an_address_have_to_wait(system: System, browser: TestClient) -> None:
    for number in range(10):
        assert fill(browser, "/sign-in", user=f"nobody{number}", password="x").status_code == 401
    answer = sign_in(browser)
    assert answer.status_code == 429
    assert "Wait " in answer.text


def test_by_https_cookies_are_secure_and_pages_are_at_the_public_address(system: System) -> None:
    system.people.add("ann", "", [], "employee", LOCAL_OPERATOR)
    given = system.sign_in.reset_password("ann", LOCAL_OPERATOR)
    own = {"Origin": "https://assistant.corp.example"}
    with opened(system, "https://assistant.corp.example", public_url="https://assistant.corp.example/") as browser:
        answer = fill(browser, "/sign-in", own, user="ann", password=given)
        cookies = answer.headers.get_list("set-cookie")
        (cookie,) = [one for one in cookies if one.startswith("__Host-assistant_session=ses_")]
        assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
        answer = fill(browser, "/change-password", own, old=given, new=OTHER, again=OTHER, next="/documents")
        assert answer.headers["location"] == "https://assistant.corp.example/documents"


def test_the_pages_are_plain_and_say_what_they_may_do(browser: TestClient) -> None:
    for path in ("/sign-in", "/sign-out"):
        shown = browser.get(path)
        policy = shown.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script" not in policy
        assert "<script" not in shown.text
        assert shown.headers["cache-control"] == "no-store"
        labels = set(re.findall(r'<label for="(\w+)"', shown.text))
        assert labels == set(re.findall(r'<input id="(\w+)"', shown.text))


def test_without_accounts_the_pages_lead_to_the_ui(client: TestClient) -> None:
    for path in ("/enter", "/sign-in", "/sign-out", "/change-password"):
        answer = client.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "http://127.0.0.1:8091/")
    assert client.post("/sign-in", data={}).status_code == 401
    assert client.get("/api/me").json() | {"groups": []} == {
        "id": "operator",
        "name": "",
        "email": "",
        "role": "operator",
        "groups": [],
        "curates": [],
        "sign_in": "none",
        "session": "",
        "has_password": False,
    }
    assert client.get("/api/sessions").json() == {"sessions": []}
    assert client.post("/api/tokens", json={}).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/a\nb",
        "/\t/evil.example",
        "http:evil",
        "//[",
        "",
        "/" + "x" * 3000,
        " /x",
        "@evil.example",
    ],
)
def test_next_leads_nowhere_else(browser: TestClient, path: str) -> None:
    assert safe_next(path) == "/"
    if len(path) <= 2000:
        assert sign_in(browser, path=path).headers["location"] == "http://127.0.0.1:8091/"
