"""The access page in Streamlit's own test harness."""

from __future__ import annotations

import pytest

from tests.fakes.api import FakeApi
from tests.ui.test_app import start, visible
from ui import access_texts
from ui.client import ApiClient
from ui.models import TextWindow
from ui.views.access import line_of, rule_of

pytestmark = pytest.mark.usefixtures("settings")


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, api: FakeApi) -> None:
    monkeypatch.setenv("ASSISTANT_API_URL", api.url)


def test_the_chain_is_a_line_that_can_be_read(api: FakeApi) -> None:
    app = start("access")
    app.text_input(key="access-who").set_value("bob")
    app.text_input(key="access-key").set_value("hr/pay.md")
    next(button for button in app.button if button.label == "Look").click().run()
    assert not app.exception
    shown = visible(app)
    assert "bob may not read it: a denial wins." in shown
    assert "bob \u2192 payroll (given here) \u2192 hr \u2192 allowed" in shown
    assert "bob \u2192 temps (by the identity provider) \u2192 denied" in shown
    assert "group:hr, but not group:temps, by the rule hr/**" in shown
    assert "from the next sync on group:board" in shown
    app.text_input(key="access-key").set_value("none")
    next(button for button in app.button if button.label == "Look").click().run()
    assert "There is no document 'none'" in visible(app)


def test_what_a_group_sees_and_what_a_rule_would_change(api: FakeApi) -> None:
    app = start("access")
    app.text_input(key="access-who").set_value("group:hr")
    next(button for button in app.button if button.label == "Look").click().run()
    shown = visible(app)
    assert "The group hr may read 3 documents, and 1 document of people's uploads." in shown
    assert "handbook / hr" in shown
    assert "and 2 more" in shown
    app.text_area(key="access-rules-handbook").set_value("hr/**: hr, -temps")
    next(button for button in app.button if button.label == "Preview").click().run()
    assert "3 before, 1 after; loses 2: a.md and 1 more" in visible(app)
    sent = next(body for method, path, body in api.requests if path == "/api/access/preview")
    rule = {"glob": "hr/**", "readers": ["hr"], "deny": ["temps"]}
    assert sent == {"source": "handbook", "readers": {"default": ["everyone"], "rules": [rule]}}
    app.text_area(key="access-rules-handbook").set_value("no colon")
    next(button for button in app.button if button.label == "Preview").click().run()
    assert "This line is no rule: no colon" in visible(app)


def test_a_rule_that_is_set_as_it_stands_stays_as_it_is(api: FakeApi) -> None:
    """Also where nobody reads what no rule covers, and where no line can say a rule."""
    strange = {"glob": "Project: X/**", "readers": ["a, b"], "deny": []}
    known = {"default": [], "rules": [strange, {"glob": "hr/**", "readers": ["hr"], "deny": []}]}
    api.sources["handbook"]["readers"] = known
    app = start("access")
    assert app.text_input(key="access-default-handbook").value == ""
    next(button for button in app.button if button.label == "Set").click().run()
    assert not app.exception
    assert [body["readers"] for _, _, body in api.requests if body and "readers" in body] == [known]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("hr/**: hr, -temps", {"glob": "hr/**", "readers": ["hr"], "deny": ["temps"]}),
        ("a: b.txt: user:ann", {"glob": "a", "readers": ["b.txt: user:ann"], "deny": []}),
        ("x:user", {"glob": "x", "readers": ["user"], "deny": []}),
        ("closed/**: ", {"glob": "closed/**", "readers": [], "deny": []}),
    ],
)
def test_rules_are_lines(line: str, rule: dict[str, object]) -> None:
    assert rule_of(line) == rule
    assert rule_of(line_of(rule)) == rule


def test_a_document_that_is_open_by_break_glass_says_so(client: ApiClient) -> None:
    data = {"document": {"source": "s", "key": "k", "title": "t", "uri": "u"}, "start": 0, "end": 1, "text": "x"}
    assert TextWindow.read(data).opened_until is None
    assert TextWindow.read({**data, "opened_until": 5.0}).opened_until == 5.0
    assert access_texts.opened_until(0.0)[0].startswith("Open by break-glass until ")
