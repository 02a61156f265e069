"""Signing in as the web UI sees it, against the real API: whose page it is, with nothing of another person."""

from __future__ import annotations

import pytest

from assistant.access import Where
from assistant.catalog import AuditFilter
from assistant.types import LOCAL_OPERATOR
from tests.fakes.system import System
from tests.ui.signed_in import Browser, sign_in
from ui import people_texts, signed


def test_nobody_sees_nothing_but_the_way_in(system: System, browser: Browser) -> None:
    shown = browser.shown()
    assert people_texts.WELCOME_BODY in shown
    (way,) = [one.value for one in browser.app.html if "as-way" in one.value and "<a " in one.value]
    assert "/enter?next=%2F" in way
    assert not browser.app.button
    browser.secret = "ses_" + "x" * 43
    assert people_texts.ENDED in browser.shown()


def test_a_page_is_one_persons(system: System, browser: Browser) -> None:
    ann, bob = sign_in(system, "ann"), sign_in(system, "bob", "admin")
    browser.secret = ann.secret
    assert "1 document from 1 source" in browser.shown()
    browser.app.session_state["of_ann"] = "what ann did"
    assert set(browser.app.session_state["pages"]) == {"chat", "search", "documents", "uploads", "shared", "account"}
    browser.secret = bob.secret
    browser.shown()
    assert "of_ann" not in browser.app.session_state
    assert {"people", "tools", "sources"} < set(browser.app.session_state["pages"])
    assert browser.app.session_state["client"].secret == bob.secret


def test_the_audit_log_has_the_persons_own_address(
    system: System, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    came_by = ["203.0.113.9, 192.0.2.7"]  # the first was written by the person
    monkeypatch.setattr("ui.signed.forwarded", lambda: came_by[0])
    browser.secret = sign_in(system, "boss", "admin").secret
    browser.open("people")
    came_by[0] = "192.0.2.8"
    browser.open("people")
    found = system.audit_desk.page(LOCAL_OPERATOR, AuditFilter(action="people listed"))
    assert {entry.origin.address for entry in found.entries} == {"192.0.2.7", "192.0.2.8"}


class Came:
    """Streamlit's context of a browser."""

    def __init__(self, named: str | None, peer: str | None) -> None:
        self.headers = {} if named is None else {"X-Forwarded-For": named}
        self.ip_address = peer


@pytest.mark.parametrize(
    ("named", "peer", "said"),
    [
        (None, None, "127.0.0.1"),
        (None, "192.0.2.7", "192.0.2.7"),
        ("192.0.2.7", None, "192.0.2.7, 127.0.0.1"),
        ("1.1.1.1, 192.0.2.7", "10.0.0.5", "1.1.1.1, 192.0.2.7, 10.0.0.5"),
    ],
)
def test_the_addresses_that_a_browser_came_by(
    monkeypatch: pytest.MonkeyPatch, named: str | None, peer: str | None, said: str
) -> None:
    monkeypatch.setattr("ui.signed.st.context", Came(named, peer))
    assert signed.forwarded() == said
    monkeypatch.setattr("ui.signed.st.context", Came("9" * 5000, peer))
    assert signed.forwarded().endswith(peer or "127.0.0.1")  # what the UI itself saw is never cut off
    assert len(signed.forwarded()) <= 1000


def test_an_ended_session_and_a_password_to_change_are_said(
    system: System, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.session.STATUS_SECONDS", 0.0)
    ann = sign_in(system, "ann")
    browser.secret = ann.secret
    browser.shown()
    system.sign_in.end(ann.session.id, LOCAL_OPERATOR)
    assert people_texts.ENDED in browser.shown()
    given = system.sign_in.reset_password("ann", LOCAL_OPERATOR)
    browser.secret = system.sign_in.with_password("ann", given, Where()).secret
    assert people_texts.CHANGE_FIRST in browser.shown()
    assert any("/change-password?next=" in one.value for one in browser.app.html)


def test_an_admin_adds_a_person_and_gives_a_password(system: System, browser: Browser) -> None:
    browser.secret = sign_in(system, "boss", "admin").secret
    app = browser.open("people")
    app.text_input(key="new-person-0-id").set_value("cora")
    app.text_input(key="new-person-0-name").set_value("Cora")
    app.selectbox(key="new-person-0-role").set_value("curator")
    app.text_input(key="new-person-0-groups").set_value("hr, it")
    app.multiselect(key="new-person-0-curates").set_value(["s"])
    shown = browser.press("FormSubmitter:new-person-0-Add")
    assert "Cora" in shown
    assert app.selectbox(key="new-person-1-role").value == "employee"  # the next one is not what cora is
    assert app.text_input(key="new-person-1-groups").value == ""
    cora = system.catalog.people.get("cora")
    assert (cora.role, cora.groups, cora.curates) == ("curator", ("hr", "it"), ("s",))
    app.session_state["manage-cora"] = True
    browser.shown()
    browser.press("reset-cora")
    browser.press("confirm-reset-cora")
    (password,) = [one.value for one in app.code]
    assert system.sign_in.with_password("cora", password, Where()).person.must_change_password
    browser.press("have-password-cora")
    assert not app.code
    browser.press("close-cora")
    browser.press("confirm-close-cora")
    assert system.catalog.people.get("cora").disabled


def test_a_person_makes_and_revokes_a_token(system: System, browser: Browser) -> None:
    ann = sign_in(system, "ann")
    other = system.sign_in.known(ann.person, "oidc", Where("10.1.1.1", "Firefox/1 Linux"))
    browser.secret = ann.secret
    app = browser.open("account")
    app.text_input(key="token-name-0").set_value("My script")
    browser.press("FormSubmitter:token-0-Make")
    (secret,) = [one.value for one in app.code]
    assert system.people.sign_in(secret).user.id == "ann"
    (token,) = system.people.tokens(LOCAL_OPERATOR, "ann")
    assert "Revoke the token My script?" in browser.press(f"revoke-{token.id}")
    assert not system.catalog.people.token(token.id).revoked_at
    assert "My script" not in browser.press(f"confirm-revoke-{token.id}")
    assert system.catalog.people.token(token.id).revoked_at
    browser.press(f"end-session-{other.session.id}")
    assert [one.id for one in system.sign_in.sessions("ann", LOCAL_OPERATOR)] == [ann.session.id]


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("curl/8", "curl/8"),
        ("", "Unknown program"),
    ],
)
def test_programs_have_short_names(agent: str, said: str) -> None:
    assert people_texts.program(agent) == said
