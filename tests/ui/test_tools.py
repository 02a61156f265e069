"""The tools page and the form for any kind of source, in Streamlit's own test harness."""

from __future__ import annotations

import pytest

from tests.fakes.api import FakeApi
from tests.ui.test_app import labels, press, start, visible

pytestmark = pytest.mark.usefixtures("settings")


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, api: FakeApi) -> None:
    monkeypatch.setenv("ASSISTANT_API_URL", api.url)


def test_a_tool_is_tried_added_switched_and_removed(api: FakeApi) -> None:
    app = start("tools")
    assert "No tools are configured" in visible(app)
    app.selectbox(key="tool-kind").set_value("A shop that can be asked (shop)").run()
    app.text_input(key="tool-name-shop").set_value("shop")
    app.text_input(key="tool-groups-shop").set_value("sales, user:ann")
    app.text_input(key="tool-shop-url").set_value("https://missing")
    app.text_area(key="tool-shop-tables").set_value("orders")
    app.text_input(key="tool-shop-password").set_value("pw")
    next(button for button in app.button if button.label == "Test").click().run()
    assert "The shop does not answer" in visible(app)
    app.text_input(key="tool-shop-url").set_value("https://shop")
    next(button for button in app.button if button.label == "Test").click().run()
    assert "This works: the shop answers." in visible(app)
    next(button for button in app.button if button.label == "Add").click().run()
    assert not app.exception
    sent = next(body for method, path, body in api.requests if (method, path) == ("POST", "/api/tools"))
    assert sent == {
        "name": "shop",
        "kind": "shop",
        "groups": ["sales", "user:ann"],
        "config": {"url": "https://shop", "tables": ["orders"], "password": "pw"},
    }
    shown = visible(app)
    for words in ("shop", "On", "for sales, user:ann", "asks before it runs"):
        assert words in shown
    press(app, "disable-tool-shop")
    assert api.tools.held["shop"]["state"] == "disabled"
    assert "Switch on" in labels(app)
    press(app, "remove-tool-shop")
    assert "Remove this tool?" in visible(app)
    assert "shop" in api.tools.held
    press(app, "confirm-remove-tool")
    assert not api.tools.held
    assert "pw" not in visible(app)


def test_a_tool_is_changed_and_its_secret_stays(api: FakeApi) -> None:
    config = {"url": "https://shop", "tables": ["orders"], "password": "pw"}
    api.tools.add({"name": "shop", "kind": "shop", "groups": ["sales", "user:ann"], "config": config})
    app = start("tools")
    press(app, "edit-tool-shop")
    assert app.text_input(key="edit-groups-shop").value == "sales, user:ann"
    assert (app.text_input(key="edit-shop-url").value, app.text_input(key="edit-shop-password").value) == (
        "https://shop",
        "",
    )
    app.text_input(key="edit-groups-shop").set_value("hr")
    app.text_area(key="edit-shop-tables").set_value("orders\ncustomers")
    next(button for button in app.button if button.label == "Save").click().run()
    assert not app.exception
    changed = next(body for method, _, body in api.requests if method == "PATCH")
    config = {"url": "https://shop", "tables": ["orders", "customers"], "password": "**********"}
    assert changed == {"groups": ["hr"], "config": config}
    assert "for hr" in visible(app)
    assert "Save" not in labels(app)


def test_a_field_that_has_to_be_filled_in_is_named(api: FakeApi) -> None:
    app = start("tools")
    app.selectbox(key="tool-kind").set_value("A shop that can be asked (shop)").run()
    next(button for button in app.button if button.label == "Add").click().run()
    assert "Address has to be filled in." in visible(app)
    assert not api.tools.held


def test_a_tool_of_the_settings_is_only_shown(api: FakeApi) -> None:
    api.tools.add({"name": "tower", "kind": "shop", "groups": []}, "settings")
    app = start("tools")
    for words in ("from the settings file", "for the operator only"):
        assert words in visible(app)
    assert "Remove" not in labels(app)
    assert "Switch off" not in labels(app)


def test_a_call_is_tried_after_the_person_agreed(api: FakeApi) -> None:
    api.tools.add({"name": "shop", "kind": "shop", "groups": ["sales"]})
    app = start("tools")

    def call() -> None:
        next(button for button in app.button if button.label == "Call it").click().run()
        assert not app.exception

    call()
    assert "Order has to be filled in." in visible(app)
    app.text_input(key="trial-shop-shop-order").set_value("17")
    call()
    assert "Shop changes something" in visible(app)
    app.checkbox(key="trial-agreed-shop-shop").check()
    call()
    assert "&lt;b&gt;Order 17&lt;/b&gt; is on its way." in " ".join(element.value for element in app.html)
    assert "It took 0.50 s." in visible(app)
