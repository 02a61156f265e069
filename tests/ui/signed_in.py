"""A browser of somebody who has signed in, as Streamlit's own test harness knows one."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from assistant.access import NewSession, Where
from assistant.types import LOCAL_OPERATOR, Role
from tests.fakes.system import System
from tests.ui.test_app import visible
from ui.run import SCRIPT


def _page(shown: str) -> None:
    """A page that is not the first one (the harness cannot switch to pages that are functions)."""
    import importlib

    import streamlit as st

    from ui import navigation, widgets

    draw = importlib.import_module(f"ui.views.{shown}").page
    page = st.navigation(navigation.register({shown: st.Page(draw, title=shown, url_path=shown, default=True)}))
    widgets.said()
    page.run()


class Browser:
    """A page of the UI in a browser that holds a session, or none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.secret = ""
        monkeypatch.setattr("ui.signed.secret", lambda: self.secret)
        self.app = AppTest.from_file(str(SCRIPT.with_name("app.py")), default_timeout=120)

    def open(self, page: str) -> AppTest:
        self.app = AppTest.from_function(_page, kwargs={"shown": page}, default_timeout=120)
        self.shown()
        return self.app

    def press(self, key: str) -> str:
        self.app.button(key=key).click()
        return self.shown()

    def shown(self) -> str:
        self.app.run()
        assert not self.app.exception
        return visible(self.app)


def sign_in(system: System, person: str, role: Role = "employee") -> NewSession:
    system.people.add(person, person.title(), [], role, LOCAL_OPERATOR)
    return system.sign_in.known(system.catalog.people.get(person), "oidc", Where())
