"""Sign-in at a real identity provider, over HTTP, from the first page to the session."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient

from assistant.access import SignInDesk
from assistant.access.identities import IdentityDesk
from assistant.adapters.oidc import OidcClient, OidcProvider
from assistant.types import LOCAL_OPERATOR
from tests.api.conftest import ListQueue
from tests.fakes.apis import api_over
from tests.fakes.identity_provider import CLIENT, PASSWORD, SECRET, running_provider
from tests.fakes.ports import free_port
from tests.fakes.system import System, cheap_passwords

API = "http://127.0.0.1:8090"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    log = tmp_path_factory.mktemp("provider") / "log"
    with running_provider(port, f"{API}/sign-in/oidc/callback", log) as running:
        yield running


def opened(system: System, issuer: str, **identities: Any) -> TestClient:
    settings = {"sign_in": "accounts", "oidc_issuer": issuer, "oidc_client_id": CLIENT, "oidc_name": "Corp & Co"}
    system.settings = system.settings.model_copy(update=settings)
    system.oidc = OidcProvider(OidcClient(issuer, CLIENT, SECRET))
    system.sign_in = SignInDesk(system.catalog, IdentityDesk(system.catalog, **identities), passwords=cheap_passwords())
    return TestClient(api_over(system, ListQueue()), base_url=API, follow_redirects=False)


@pytest.fixture
def browser(system: System, issuer: str) -> Iterator[TestClient]:
    with opened(system, issuer, admin_groups=["staff"]) as client:
        yield client
    assert system.oidc
    system.oidc.close()


def at_provider(there: str, person: str) -> str:
    """Sign in at the provider as a browser does; return where it leads back to."""
    with httpx.Client(follow_redirects=False, timeout=60) as person_browser:
        url = there
        for _ in range(10):
            answer = person_browser.get(url)
            if answer.status_code == 200:  # its form
                token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.text)
                assert token, answer.text
                fields = dict(re.findall(r'name="(next)" value="([^"]+)"', answer.text))
                fields = {name: unescape(value) for name, value in fields.items()}
                fields |= {"csrfmiddlewaretoken": token[1], "login": person, "password": PASSWORD}
                answer = person_browser.post(url, data=fields, headers={"Referer": url})
            assert answer.is_redirect, answer.text
            url = urljoin(url, answer.headers["location"])
            if url.startswith(API):
                return url
    raise AssertionError(f"it led to {url}")


def sign_in(browser: TestClient, person: str, path: str = "/") -> httpx.Response:
    went = browser.get("/sign-in/oidc", params={"next": path})
    assert went.status_code == 303, went.text
    return browser.get(at_provider(went.headers["location"], person))


def test_who_signs_in_there_is_a_person_here_with_the_groups_of_there(system: System, browser: TestClient) -> None:
    shown = browser.get("/sign-in", params={"next": "/documents?a=b"}).text
    assert "Sign in with Corp &amp; Co" in shown
    answer = sign_in(browser, "ann", "/documents?a=b")
    assert answer.headers["location"] == "http://127.0.0.1:8091/documents?a=b"
    me = browser.get("/api/me").json()
    assert (me["id"], me["name"], me["email"]) == ("ann", "Ann", "ann@corp.example")
    assert (me["role"], me["groups"]) == ("admin", ["everyone", "hr", "staff"])
    assert browser.get("/api/documents").json()["total"] == 2  # what hr may read is one of them
    person = system.catalog.people.get("ann")
    assert (person.origin, person.provided_groups) == ("oidc", ("hr", "staff"))
    (held,) = browser.get("/api/sessions").json()["sessions"]
    assert held["way"] == "oidc"
    sign_in(browser, "ann")
    assert len(system.people.all(LOCAL_OPERATOR)) == 1
    sign_in(browser, "bob")
    assert browser.get("/api/me").json()["role"] == "employee"


def test_a_local_account_is_not_taken_over(system: System, browser: TestClient) -> None:
    system.people.add("ann", "", ["payroll"], "employee", LOCAL_OPERATOR)
    system.catalog.people.change("ann", email="ann@corp.example")
    answer = sign_in(browser, "ann")
    assert answer.status_code == 403
    assert "There is an account &#x27;ann&#x27; already" in answer.text
    assert browser.get("/api/me").status_code == 401


def test_a_disabled_person_is_not_let_in(system: System, browser: TestClient) -> None:
    sign_in(browser, "bob")
    system.people.disable("bob", LOCAL_OPERATOR, disabled=True)
    assert browser.get("/api/me").status_code == 401
    answer = sign_in(browser, "bob")
    assert answer.status_code == 401
    assert "disabled" in answer.text


def test_an_answer_counts_once_and_in_the_browser_that_asked(browser: TestClient) -> None:
    went = browser.get("/sign-in/oidc")
    asked = parse_qs(urlsplit(went.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    cookie = browser.cookies["assistant_oidc"]
    back = at_provider(went.headers["location"], "bob")
    browser.cookies.delete("assistant_oidc")
    assert "did not ask to sign in" in browser.get(back).text
    browser.get("/sign-in/oidc")  # another way there
    assert "no answer to a sign-in of this browser" in browser.get(back).text
    browser.cookies.set("assistant_oidc", cookie, domain="127.0.0.1")
    assert browser.get(back).status_code == 303
    browser.cookies.set("assistant_oidc", cookie, domain="127.0.0.1")
    again = browser.get(back)
    assert again.status_code == 401
    assert "refused the code" in again.text


def test_signing_out_offers_to_sign_out_there(browser: TestClient, issuer: str) -> None:
    there = re.search(r'href="([^"]+)">Sign out of Corp &amp; Co too', browser.get("/sign-out").text)
    assert there
    url = urlsplit(unescape(there[1]))
    assert f"{url.scheme}://{url.netloc}" == issuer
    assert parse_qs(url.query)["post_logout_redirect_uri"] == [f"{API}/sign-out"]


def test_without_a_provider_or_one_that_answers_it_is_said(system: System, client: TestClient) -> None:
    assert "no identity provider is configured" in client.get("/sign-in/oidc").text.lower()
    with opened(system, "http://127.0.0.1:9") as lost:
        answer = lost.get("/sign-in/oidc")
        assert answer.status_code == 503
        assert "does not answer" in answer.text
        assert "Sign in with Corp" in lost.get("/sign-out").text or "signed out" in lost.get("/sign-out").text
