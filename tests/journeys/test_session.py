"""The session of a browser: begun on the API's page, in a cookie that no script reads; nothing leaves the host."""

from __future__ import annotations

from typing import Any

import psutil
import pytest

from tests.fakes.processes import command_of
from tests.journeys.conftest import Visit
from tests.journeys.house import House

OWN_WORDS = "four words in a row"


def test_signs_in_with_a_password_and_no_script_reads_the_session(house: House, visit: Visit) -> None:
    made = house.call("ada", "POST", "/api/people/nora/password")
    assert made.status_code == 201, made.text
    with visit(house) as nora:
        nora.open("/documents")
        nora.click("link", "Sign in")
        nora.fill("User name", "nora")
        nora.fill("Password", made.json()["password"])
        nora.shot("session-1-sign-in")
        nora.click("button", "Sign in")
        nora.fill("Password that you have", made.json()["password"])
        nora.page.get_by_label("New password", exact=True).fill(OWN_WORDS)
        nora.fill("New password again", OWN_WORDS)
        nora.shot("session-2-own-password")
        nora.click("button", "Change password")
        nora.page.get_by_role("heading", name="Documents").wait_for()  # where the way began
        held = {one["name"]: one for one in nora.page.context.cookies(house.ui)}
        session = held["assistant_session"]
        assert (session["httpOnly"], session["sameSite"], session["expires"]) == (True, "Lax", -1)
        assert "assistant_session" not in nora.page.evaluate("document.cookie")
        kept = nora.page.evaluate("JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])")
        assert session["value"] not in nora.page.content() + kept


def test_api_and_ui_listen_on_loopback_only(house: House) -> None:
    if house.process is None:
        pytest.skip("its processes are not those of one command")
    top = psutil.Process(house.process.pid)
    open_ports = [
        one.laddr
        for process in (top, *top.children(recursive=True))
        for one in _connections(process)
        if one.status == psutil.CONN_LISTEN
    ]
    assert len(open_ports) >= 2
    assert {one.ip for one in open_ports} <= {"127.0.0.1", "::1"}


def test_streamlit_is_told_to_send_no_statistics(house: House) -> None:
    if house.process is None:
        pytest.skip("its processes are not those of one command")
    commands = [command_of(one) for one in psutil.Process(house.process.pid).children(recursive=True)]
    ui = next(command for command in commands if "streamlit" in command)
    assert "--browser.gatherUsageStats=false" in ui


def _connections(process: psutil.Process) -> list[Any]:
    """Return a process's connections: none if it has ended meanwhile, as those that parse do."""
    try:
        return list(process.net_connections("inet"))
    except psutil.NoSuchProcess:
        return []
