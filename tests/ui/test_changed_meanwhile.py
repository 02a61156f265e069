"""Forms that somebody else changes the ground of, and forms that are filled in while the API is away."""

from __future__ import annotations

import pytest

from tests.fakes.api import FakeApi
from tests.ui.test_app import labels, press, start, visible
from tests.ui.test_sources import submit

pytestmark = pytest.mark.usefixtures("settings")
RULES = "access-rules-handbook"


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, api: FakeApi) -> None:
    monkeypatch.setenv("ASSISTANT_API_URL", api.url)
    # a slow machine is not to ask for it in between, and to find that nothing answers
    monkeypatch.setattr("ui.session.STATUS_SECONDS", 3600.0)


def changes(api: FakeApi) -> list[object]:
    """Return what was asked to be changed."""
    return [body for method, _, body in api.requests if method == "PATCH"]


def test_a_rule_that_somebody_else_set_meanwhile_is_shown_before_it_is_replaced(api: FakeApi) -> None:
    app = start("access")
    theirs = {"default": ["hr"], "rules": [{"glob": "pay/**", "readers": [], "deny": []}]}
    api.sources["handbook"]["readers"] = theirs
    app.text_area(key=RULES).set_value("hr/**: hr")
    submit(app, "access-rule-handbook", "Set")
    assert changes(api) == []
    assert "It is now: hr; pay/**: ." in visible(app)
    submit(app, "access-rule-handbook", "Set")
    mine = {"default": ["everyone"], "rules": [{"glob": "hr/**", "readers": ["hr"], "deny": []}]}
    assert changes(api) == [{"readers": mine}]
    submit(app, "access-rule-handbook", "Set")  # nobody changed what was set just now
    assert len(changes(api)) == 2


def test_who_sets_no_rules_is_not_offered_to(api: FakeApi) -> None:
    api.sources["own"] = {**api.sources["handbook"], "name": "own", "kind": "uploads"}
    app = start("access")
    assert "Set" in labels(app)
    assert app.selectbox(key="access-rule-source").options == ["handbook"]
    assert start("sources", source="own", view="readers").segmented_control[0].options == ["Runs"]
    api.role = "curator"
    app = start("access")
    assert {"Set", "Preview"} & set(labels(app)) == {"Preview"}


def test_a_source_that_somebody_else_changed_meanwhile_is_shown_before_it_is_replaced(api: FakeApi) -> None:
    api.add({"name": "wiki", "kind": "notes", "config": {"site": "https://wiki"}, "schedule": None})
    app = start("sources", source="wiki", view="settings")
    api.sources["wiki"]["config"] = {"site": "https://theirs"}
    app.text_input(key="edit-wiki-site").set_value("https://mine")
    submit(app, "edit-source-wiki", "Save")
    assert "Site: https://theirs" in visible(app)
    assert changes(api) == []
    submit(app, "edit-source-wiki", "Save")
    assert changes(api) == [{"config": {"site": "https://mine"}}]


@pytest.mark.parametrize("line", ["every 1h", "00 02 * * mon"])
def test_of_schedule_and_pace_only_what_was_changed_is_sent(api: FakeApi, line: str) -> None:
    api.sources["handbook"]["schedule"] = line
    app = start("sources", source="handbook", view="schedule")
    api.sources["handbook"]["schedule"] = "0 2 * * *"  # by somebody else
    app.number_input(key="at-once-handbook").set_value(3)
    press(app, "save-schedule-handbook")
    assert changes(api) == [{"concurrency": 3}]


def test_a_tool_that_somebody_else_changed_meanwhile_is_shown_before_it_is_replaced(api: FakeApi) -> None:
    config = {"url": "https://shop", "tables": ["orders"], "password": "old"}
    api.tools.add({"name": "shop", "kind": "shop", "groups": ["sales"], "config": config})
    app = start("tools")
    press(app, "edit-tool-shop")
    api.tools.held["shop"]["groups"] = ["sales", "hr"]
    app.text_area(key="edit-shop-tables").set_value("customers")
    submit(app, "edit-tool-shop-form", "Save")
    assert "It is now: Who may use it: sales, hr." in visible(app)
    assert changes(api) == []
    submit(app, "edit-tool-shop-form", "Save")
    assert len(changes(api)) == 1


@pytest.mark.parametrize("address", [{"add": "1"}, {"source": "wiki", "view": "settings"}])
def test_what_was_typed_outlives_an_api_that_is_away(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch, address: dict[str, str]
) -> None:
    api.add({"name": "wiki", "kind": "notes", "config": {"site": "https://wiki"}, "schedule": None})
    monkeypatch.setattr("ui.views.source_settings._KEPT_SECONDS", 0.0)
    app = start("sources", **address)
    if "add" in address:
        app.selectbox(key="source-kind").set_value("notes").run()
    field, form = (
        ("source-notes-site", "add-source-notes") if "add" in address else ("edit-wiki-site", "edit-source-wiki")
    )
    app.text_input(key=field).set_value("https://new")
    api.stop()
    try:
        submit(app, form, "Test")
        assert "does not answer" in visible(app)
        assert app.text_input(key=field).value == "https://new"
    finally:
        api.start()
    app.run()
    assert app.text_input(key=field).value == "https://new"
