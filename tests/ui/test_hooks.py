"""The section of webhooks on the page of plugins, in Streamlit's own test harness."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes.api import FakeApi
from tests.ui.test_app import labels, press, start, visible

pytestmark = pytest.mark.usefixtures("settings")


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, api: FakeApi) -> None:
    monkeypatch.setenv("ASSISTANT_API_URL", api.url)


def test_a_webhook_is_added_and_its_secret_shown_once(api: FakeApi) -> None:
    app = start("plugins")
    assert "No webhooks yet" in visible(app)
    app.text_input(key="webhook-name-0").set_value("ops")
    app.text_input(key="webhook-url-0").set_value("http://hooks.example.org/")
    app.multiselect(key="webhook-events-0").set_value(["run.failed"])
    next(button for button in app.button if button.label == "Add").click().run()
    assert "without TLS" in visible(app)
    app.text_input(key="webhook-url-0").set_value("https://hooks.example.org/")
    next(button for button in app.button if button.label == "Add").click().run()
    assert not app.exception
    assert [code.value for code in app.code] == ["whsec_shown-once"]
    assert api.hooks.held["ops"]["events"] == ["run.failed"]
    assert [app.text_input(key=f"webhook-{field}-1").value for field in ("name", "url")] == ["", ""]
    assert [code.value for code in app.run().code] == ["whsec_shown-once"]  # an impatient click hides nothing
    press(app, "have-webhook-secret-of-ops")
    assert [code.value for code in app.code] == []
    assert "a run fails" in visible(app)
    press(app, "webhook-secret-ops")
    assert "Make a new signing secret?" in visible(app)
    assert [code.value for code in app.code] == []
    press(app, "confirm-webhook-secret-ops")
    assert [code.value for code in app.code] == ["whsec_another-one"]


def test_a_test_says_how_it_went(api: FakeApi) -> None:
    api.hooks.add("ops", "https://hooks.example.org/", ["run.failed"])
    app = start("plugins")
    press(app, "webhook-test-ops")
    assert "The test arrived at ops." in visible(app)
    assert "1 arrived, 0 wait, 0 given up" in visible(app)
    api.hooks.status = 500
    press(app, "webhook-test-ops")
    shown = visible(app)
    for words in ("The test did not arrive at ops.", "500 out of order", "1 given up"):
        assert words in shown
    assert "<b>" not in shown


def test_a_webhook_is_switched_and_removed_when_that_is_meant(api: FakeApi) -> None:
    api.hooks.add("ops", "https://hooks.example.org/", ["run.failed"])
    app = start("plugins")
    press(app, "webhook-off-ops")
    assert api.hooks.held["ops"]["enabled"] is False
    assert "told of nothing" in app.toast[0].value
    press(app, "webhook-on-ops")
    late = app.button(key="webhook-off-ops")
    api.hooks.held["ops"]["enabled"] = False  # by somebody else
    late.click().run()
    assert api.hooks.held["ops"]["enabled"] is False
    assert "Switch on" in labels(app)
    press(app, "webhook-remove-ops")
    assert "Remove this webhook?" in visible(app)
    assert "ops" in api.hooks.held
    press(app, "confirm-webhook-remove-ops")
    assert not api.hooks.held


def test_address_and_events_are_changed_and_nothing_else(api: FakeApi) -> None:
    api.hooks.add("ops", "https://hooks.example.org/", ["run.failed", "run.started"])
    app = start("plugins")
    app.session_state["change-webhook-ops"] = True
    app.run()
    assert "changed this meanwhile" not in visible(app)
    api.hooks.held["ops"].update(url="https://new.example.org/", events=["run.started"])  # by somebody else
    app.multiselect(key="change-webhook-form-ops-0-events").set_value(["run.failed", "run.started", "feedback.given"])
    press(app, "FormSubmitter:change-webhook-form-ops-0-Save")
    assert api.hooks.held["ops"]["url"] == "https://new.example.org/"
    assert api.hooks.held["ops"]["events"] == ["run.started", "feedback.given"]
    assert "only what you changed was saved" in app.toast[0].value
    app.text_input(key="change-webhook-form-ops-1-url").set_value("http://hooks.example.org/")
    press(app, "FormSubmitter:change-webhook-form-ops-1-Save")
    assert "without TLS" in visible(app)
    app.text_input(key="change-webhook-form-ops-1-url").set_value("https://hooks.example.org/")
    press(app, "FormSubmitter:change-webhook-form-ops-1-Save")
    assert api.hooks.held["ops"]["url"] == "https://hooks.example.org/"
    assert api.hooks.held["ops"]["events"] == ["run.started", "feedback.given"]


def sent_to_ops(api: FakeApi, *events: str) -> AppTest:
    """Return the page with the list of what was sent to the webhook ops open."""
    api.hooks.add("ops", "https://hooks.example.org/", ["run.failed"])
    api.hooks.status = 503
    for event in events:
        api.hooks.send("ops", event)["created_at"] = 1.8e9
    app = start("plugins")
    app.session_state["sent-to-ops"] = True
    return app.run()


def test_what_came_to_its_end_is_seen_and_the_chosen_one_sent_again(api: FakeApi) -> None:
    app = sent_to_ops(api, "run.failed", "run.failed")
    assert "503 out of order" in visible(app)
    assert app.button(key="webhook-redeliver-ops").disabled
    choice = app.selectbox(key="webhook-again-ops")
    assert choice.options == [f"a run fails, 15 Jan 2027, 08:00:00 ({one})" for one in ("d1", "d0")]
    choice.select_index(1).run()
    api.hooks.send("ops", "run.failed")
    press(app, "webhook-redeliver-ops")
    assert api.hooks.again == ["d0"]


def test_a_delivery_that_is_listed_no_more_is_not_sent_again_nor_another_one(api: FakeApi) -> None:
    app = sent_to_ops(api, "run.failed", "run.finished")
    app.selectbox(key="webhook-again-ops").select_index(1).run()
    del api.hooks.sent["ops"][1]
    press(app, "webhook-redeliver-ops")
    assert api.hooks.again == []
    assert app.selectbox(key="webhook-again-ops").value is None
