"""The groups of the people page, in Streamlit's own test harness, against the real API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from streamlit.testing.v1 import AppTest

from assistant.api import create_api
from assistant.app import App
from assistant.types import LOCAL_OPERATOR
from tests.api.conftest import ListQueue
from tests.fakes.listening import listening
from tests.fakes.system import System
from tests.ui.test_app import press, visible


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    system = System(tmp_path)
    for name, groups in (("ann", ("hr",)), ("bob", ("payroll",)), ("cora", ())):
        system.people.add(name, name.title(), groups, "employee", LOCAL_OPERATOR)
    system.rights.groups.nest("hr", "payroll", LOCAL_OPERATOR)
    with listening(create_api(cast(App, system), ListQueue())) as url:
        monkeypatch.setenv("ASSISTANT_API_URL", url)
        yield system
    system.close()


def _script() -> None:
    from ui import held, session
    from ui.views import groups

    groups.show(session.client().people())
    held.clear()


def shown() -> AppTest:
    app = AppTest.from_function(_script, default_timeout=240).run()
    assert not app.exception
    return app


def opened(app: AppTest, name: str) -> AppTest:
    app.session_state[f"members-{name}"] = True
    app.run()
    assert not app.exception
    return app


def groups_of(system: System, person: str) -> set[str]:
    return set(system.catalog.people.get(person).groups)


def submit(app: AppTest, form: str, label: str) -> None:
    press(app, f"FormSubmitter:{form}-{label}")


def test_it_is_said_who_is_in_a_group_and_how(house: System) -> None:
    app = opened(shown(), "hr")
    said = visible(app)
    assert "1 person directly" in said
    assert "holds payroll" in said
    assert "hr (given here)" in said
    assert "payroll (given here) \u2192 hr" in said
    app.text_input(key="find-group").set_value("BOB").run()
    assert "holds payroll" not in visible(app)


def test_people_are_put_into_a_group_and_taken_out(house: System) -> None:
    app = opened(shown(), "hr")
    submit(app, "into-hr", "Add")
    assert "Choose people" in visible(app)
    app.multiselect(key="into-hr-0").set_value(["bob", "cora"])
    submit(app, "into-hr", "Add")
    assert (groups_of(house, "bob"), groups_of(house, "cora")) == ({"payroll", "hr"}, {"hr"})
    press(app, "leave-hr,user:ann")
    assert "Take Ann out of hr?" in visible(app)
    assert groups_of(house, "ann") == {"hr"}
    press(app, "confirm-hr,user:ann")
    assert groups_of(house, "ann") == set()


def test_a_group_is_made_put_into_another_and_taken_out(house: System) -> None:
    app = shown()
    submit(app, "new-group-form", "Make the group")
    assert "a group without anybody is none" in visible(app)
    app.text_input(key="new-group-name-0").set_value("board")
    app.multiselect(key="new-group-who-0").set_value(["cora"])
    submit(app, "new-group-form", "Make the group")
    assert groups_of(house, "cora") == {"board"}
    app.selectbox(key="nest-inner-1").set_value("board")
    app.selectbox(key="nest-outer-1").set_value("hr")
    submit(app, "nest-form", "Put in")
    assert "board \u2192" not in visible(app)
    opened(app, "hr")
    assert "board (given here) \u2192 hr" in visible(app)
    press(app, "leave-hr,board")
    press(app, "confirm-hr,board")
    assert house.rights.groups.show("hr", LOCAL_OPERATOR).group.children == ("payroll",)


def test_what_the_api_refuses_is_said(house: System) -> None:
    app = shown()
    app.selectbox(key="nest-inner-0").set_value("hr")
    app.selectbox(key="nest-outer-0").set_value("payroll")
    submit(app, "nest-form", "Put in")
    assert "itself" in visible(app)
