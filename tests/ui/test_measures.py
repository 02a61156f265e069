"""The pages Quality, Usage, Warnings and Settings, in Streamlit's own test harness."""

from __future__ import annotations

import pytest

from tests.fakes.api import FakeApi, Refused
from tests.fakes.api_measures import EVIL, row
from tests.ui.test_app import labels, press, start, visible
from ui.languages.de import quality_texts as german
from ui.measures import Setting, UsageRow
from ui.views.settings import lines, matching
from ui.views.usage import as_csv

pytestmark = pytest.mark.usefixtures("settings")


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, api: FakeApi) -> None:
    monkeypatch.setenv("ASSISTANT_API_URL", api.url)


def raw(app: object) -> str:
    return " ".join(element.value for element in app.html)  # type: ignore[attr-defined]


def test_figures_of_use_are_shown_and_those_of_few_people_are_not(api: FakeApi) -> None:
    app = start("usage")
    assert "Nothing was asked in this period" in visible(app)
    api.measures.fill()
    app.run()
    said = visible(app)
    for words in ("Questions", "41", "4.2 s", "llama-4-scout", "handbook", "fewer than 5 people", "Others"):
        assert words in said
    assert not app.exception
    app.button_group(key="usage-days").set_value([90]).run()
    assert ("GET", "/api/usage") in {(method, path) for method, path, _ in api.requests}


def test_a_refusal_is_said_on_each_page(api: FakeApi) -> None:
    api.refusal = Refused(403, "only admins do this", "ask an admin", "AccessDeniedError")
    for page in ("usage", "warnings", "settings", "quality"):
        assert "Only admins do this" in visible(start(page)), page


def test_days_as_csv() -> None:
    days = [UsageRow.read(row("2026-09-01", 14)), UsageRow.read(row("2026-09-02", 3)), UsageRow.read(row("2026-09-03"))]
    lines = as_csv(days).splitlines()
    assert lines[0].startswith("day,questions,people,not_found,failed,first_p50")
    assert lines[1].startswith("2026-09-01,14,7,1,0,0.8,4.25,")
    assert set(lines[2].removeprefix("2026-09-02,3").split(",")) == {""}
    assert lines[3].startswith("2026-09-03,0,0")


def test_feedback_is_read_kept_and_deleted(api: FakeApi) -> None:
    api.measures.fill()
    app = start("quality")
    said = visible(app)
    for words in ("How far ahead are train tickets booked?", "It is 21 days.", "documents that you may not read"):
        assert words in said
    assert EVIL not in raw(app)
    press(app, "keep-f-f1")
    app.text_area(key="keep-documents-f-f1-0").set_value("handbook:travel.md\n")
    app.text_area(key="keep-facts-f-f1-0").set_value("21 days")
    next(button for button in app.button if button.label == "Add").click().run()
    assert api.measures.kept[-1]["feedback_id"] == "f1"
    assert (api.measures.kept[-1]["documents"], api.measures.kept[-1]["facts"]) == (["handbook:travel.md"], ["21 days"])
    assert "In the evaluation set" in labels(app)
    press(app, "ask-feedback-f1")
    assert "Delete this feedback?" in visible(app)
    assert len(api.measures.feedback) == 2
    press(app, "confirm-feedback-f1")
    assert [one["id"] for one in api.measures.feedback] == ["f2"]


def test_an_evaluation_is_started_followed_opened_and_deleted(api: FakeApi) -> None:
    api.measures.fill()
    app = start("quality")
    app.session_state["quality-tabs"] = "Evaluations"
    app.run()
    said = visible(app)
    for words in ("Failed", "The model server does not answer".lower()[1:], "Facts held", "85%"):
        assert words in said
    press(app, "open-e3")
    said = visible(app)
    for words in ("When are train tickets booked?", "At least 21 days before.", "documents that you may not read"):
        assert words in said
    assert EVIL not in raw(app)
    press(app, "forget-e2")
    press(app, "confirm-evaluation-e2")
    assert [one["id"] for one in api.measures.runs] == ["e3", "e1"]
    press(app, "start-evaluation")
    assert api.measures.runs[0]["state"] == "running"
    assert app.button(key="start-evaluation").disabled
    press(app, "stop-evaluation")
    assert "It ends after the question at hand" in visible(app)
    app.run()
    assert api.measures.runs[0]["state"] == "cancelled"
    assert "It ends after the question at hand" not in visible(app)


def test_a_warning_is_marked_as_reviewed_once_that_is_confirmed(api: FakeApi) -> None:
    app = start("warnings")
    assert "No warnings" in visible(app)
    api.measures.fill()
    app.run()
    said = visible(app)
    for words in (
        "mail/offer.eml",
        "score 0.84",
        "sets earlier instructions aside, 2 times",
        "hidden text (white text)",
    ):
        assert words in said
    assert EVIL not in raw(app)
    press(app, "review-0")
    assert api.measures.warnings[0]["reviewed_at"] is None
    press(app, "confirm-review")
    assert api.measures.warnings[0]["reviewed_by"] == "root"
    assert "mail/offer.eml" not in visible(app)
    app.toggle(key="warnings-reviewed").set_value(True).run()
    assert "reviewed by root 1 minute ago" in visible(app)


def test_settings_are_found_by_words(api: FakeApi) -> None:
    app = start("settings")
    assert "None is changed while it runs" in visible(app)
    app.text_input(key="settings-search").set_value("entries LOG").run()
    assert [one.value for one in app.code] == ["ASSISTANT_AUDIT_DAYS=365", "settings:\n  audit_days: 365"]
    app.text_input(key="settings-search").set_value("nowhere").run()
    assert "No such setting" in visible(app)


def test_settings_that_match() -> None:
    def one(name: str, origin: str) -> Setting:
        return Setting(name, name.upper(), "g", "v", "v", origin, "What is kept", ())

    both = [one("audit_days", "default"), one("home", "file")]
    assert matching(both, "", only_set=False) == both
    assert matching(both, "kept DAYS", only_set=False) == both[:1]
    assert matching(both, "", only_set=True) == both[1:]
    assert matching(both, "days", only_set=True) == []


@pytest.mark.parametrize(
    ("name", "value", "variable", "chart"),
    [
        ("audit_days", "365", "365", "365"),
        ("log_format", "json", "json", '"json"'),
        ("model_name", "a b", "'a b'", '"a b"'),
        ("oidc_admin_groups", "it, ops", "'it, ops'", '"it, ops"'),
        ("admin_folders", "/srv, /data", "'/srv, /data'", '"/srv, /data"'),
    ],
)
def test_a_setting_can_be_copied_as_it_is(name: str, value: str, variable: str, chart: str) -> None:
    one = Setting(name, f"ASSISTANT_{name.upper()}", "g", value, "", "default", "", ())
    assert lines(one) == (f"ASSISTANT_{name.upper()}={variable}", f"settings:\n  {name}: {chart}")


def test_what_is_secret_is_not_copied() -> None:
    one = Setting("secret_key", "ASSISTANT_SECRET_KEY", "g", "**********", "", "file", "", ())
    assert lines(one) == ("ASSISTANT_SECRET_KEY=", "")


def test_older_feedback_is_turned_to(api: FakeApi) -> None:
    api.measures.fill()
    given = api.measures.feedback[0]
    api.measures.feedback = [{**given, "id": f"f{n}", "question": f"Question {n}?"} for n in range(60)]
    app = start("quality")
    assert "1\u201350 of 60" in visible(app)
    assert "Question 59?" not in visible(app)
    press(app, "feedback-offset-next")
    assert "Question 59?" in visible(app)
    app.segmented_control(key="feedback-verdict").set_value("down").run()
    assert not app.exception


def test_what_got_no_good_answer_is_kept_or_only_counted(api: FakeApi) -> None:
    api.measures.fill()
    app = start("quality")
    app.session_state["quality-tabs"] = "Unanswered"
    app.run()
    said = visible(app)
    for words in ("Gaps by topic", "Is parental leave paid?", "Mostly unverified"):
        assert words in said
    leave, _, canteen = (str(one.key) for one in app.button if str(one.key).startswith("keep-u-"))
    assert app.button(key=canteen).disabled  # it is in the set
    press(app, leave)
    newer = {"question": "May I work abroad?", "day": "2026-09-22", "why": "failed", "mode": "chunks"}
    api.measures.poor.insert(0, newer)  # whose place the other one had
    app.checkbox(key=leave.replace("keep-", "keep-refusal-") + "-0").set_value(True)
    next(button for button in app.button if button.label == "Add").click().run()
    assert (api.measures.kept[-1]["question"], api.measures.kept[-1]["answerable"]) == (
        "Is parental leave paid?",
        False,
    )
    api.measures.shown = False
    app.run()
    assert "ASSISTANT_QUALITY_QUESTIONS=true" in visible(app)
    assert "Is parental leave paid?" not in visible(app)


def test_the_set_is_added_to_and_taken_from(api: FakeApi) -> None:
    app = start("quality")
    app.session_state["quality-tabs"] = "Evaluation set"
    app.run()
    assert "The evaluation set is empty" in visible(app)
    app.text_area(key="keep-facts-own-0").set_value("Concur")
    next(button for button in app.button if button.label == "Add").click().run()
    assert api.measures.kept == []
    assert app.text_area(key="keep-facts-own-0").value == "Concur"  # what was typed outlives a refusal
    app.text_input(key="keep-question-own-0").set_value("Who books trains?")
    next(button for button in app.button if button.label == "Add").click().run()
    assert "Who books trains?" in visible(app)
    assert app.text_area(key="keep-facts-own-1").value == ""
    press(app, "ask-kept-k0")
    press(app, "confirm-kept-k0")
    assert api.measures.kept == []


def test_numbers_in_german() -> None:
    assert (german.kept_of(1), german.progress(2, 3), german.share(0.5)) == (
        "1 Frage",
        "2 von 3 Fragen gestellt",
        "50 %",
    )
    assert german.seconds(1.25) == "1,2 s"
