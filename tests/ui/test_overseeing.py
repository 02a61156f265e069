"""The pages of models, plugins and the index, in Streamlit's own test harness."""

from __future__ import annotations

import pytest

from tests.fakes.api import FakeApi
from tests.fakes.api_overseeing import COMPARISON, herd_model, plugin
from tests.ui.test_app import labels, press, start, visible

pytestmark = pytest.mark.usefixtures("settings")


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, api: FakeApi) -> None:
    monkeypatch.setenv("ASSISTANT_API_URL", api.url)


def test_each_model_says_what_it_takes_and_why_it_does_not_answer(api: FakeApi) -> None:
    away = {"reachable": False, "context_tokens": None, "images_per_prompt": None, "tools": None, "load": None}
    api.overseeing.herd = [
        herd_model("maverick", groups=["hr"]),
        herd_model("scout", **away, counting="", error="the server does not answer", hint="start it"),
    ]
    app = start("models")
    shown = visible(app)
    for words in (
        "1,048,576 tokens (as the server says)",
        "writes 1 of at most 32 answers for this assistant, the server works on 5, 2 queued there, 25% of its cache",
        "hr",
        "The server does not answer",
        "Does not answer",
        "Loaded, 384 dimensions",
        "None is set up",
    ):
        assert words in shown
    press(app, "models-check")
    assert api.overseeing.checks == 1
    app.run()
    assert api.overseeing.checks == 1


def test_no_models_say_how_to_set_one_up() -> None:
    assert "No model server is set up" in visible(start("models"))


def test_a_trial_shows_the_answer_as_text_with_its_times(api: FakeApi) -> None:
    api.overseeing.herd = [herd_model("maverick")]
    app = start("models")
    app.text_area(key="prompt-maverick").set_value("Which city?")
    next(button for button in app.button if button.label == "Ask").click().run()
    assert not app.exception
    html = " ".join(element.value for element in app.html)
    assert "Paris is &lt;b&gt;nice&lt;/b&gt;." in html
    assert "First word after 0.25 s \u00b7 40.0 tokens a second \u00b7 50 tokens written" in html
    assert "12 read (8 from its cache)" in html
    assert "It stopped at the longest answer." in html
    app.text_area(key="prompt-maverick").set_value("fail")
    next(button for button in app.button if button.label == "Ask").click().run()
    assert "The model stopped" in visible(app)


def test_an_index_is_built_gone_over_to_and_back(api: FakeApi) -> None:
    held = api.overseeing
    app = start("index")
    for words in ("all-MiniLM/int8", "384 dimensions", "1.5 MB", "People are warned of 2", "Not measured since"):
        assert words in visible(app)
    next(button for button in app.button if button.label == "Build").click().run()
    assert "Change at least one of the three" in visible(app)
    app.number_input(key="index-chunks").set_value(64)
    next(button for button in app.button if button.label == "Build").click().run()
    sent = [body for _, path, body in api.requests if path == "/api/index/build"]
    assert sent == [{"embedder": "onnx", "chunk_tokens": 64, "sparse_embedder": "none"}]
    while held.progress is not None and held.progress["ended_at"] is None:
        app.run()
    held.worse = ["b"]
    app.run()
    shown = visible(app)
    assert "Ready to take over" in shown
    assert "the index in use finds 100.0% in its best ten, the new one 50.0%" in shown
    press(app, "index-over-b")
    assert "It finds clearly less than the one in use" in visible(app)
    assert held.indexes[0]["state"] == "current"
    press(app, "confirm-index-over-b")
    assert next(body for _, path, body in api.requests if path == "/api/index/swap") == {"name": "b", "force": True}
    held.steps = 1
    app.run()
    app.run()
    assert "Go back to it" in labels(app)
    press(app, "index-back-first")
    press(app, "cancel-index-back-first")
    assert not [path for _, path, _ in api.requests if path == "/api/index/back"]


def kept_index(api: FakeApi, name: str, swapped_at: float) -> dict[str, object]:
    """Add an index that is kept, and return it."""
    row: dict[str, object] = {**api.overseeing.index(name, "kept", 64), "swapped_at": swapped_at}
    api.overseeing.indexes.append(row)
    return row


def test_going_back_is_asked_and_done_only_while_that_index_is_the_former_one(api: FakeApi) -> None:
    kept_index(api, "x", 1.0)
    app = start("index")
    press(app, "index-back-x")
    assert "Go back to the former index?" in visible(app)
    late = app.button(key="confirm-index-back-x")
    other = kept_index(api, "z", 2.0)  # somebody else goes over to z and away from it
    late.click().run()
    assert "Go back to the former index?" not in visible(app)
    assert api.overseeing.gone_back_to == []
    other["state"] = "dropped"
    assert "Go back to the former index?" not in visible(app.run())
    press(app, "index-back-x")
    press(app, "confirm-index-back-x")
    assert api.overseeing.gone_back_to == ["x"]


def test_an_index_takes_over_by_force_only_where_the_question_said_that_it_is_worse(api: FakeApi) -> None:
    api.overseeing.indexes.append(api.overseeing.index("b", "ready", 64))
    api.overseeing.compared = {"b": COMPARISON}
    app = start("index")
    press(app, "index-over-b")
    assert "finds clearly less" not in visible(app)
    api.overseeing.worse = ["b"]
    press(app, "confirm-index-over-b")
    assert next(body for _, path, body in api.requests if path == "/api/index/swap") == {"name": "b", "force": False}


def test_recall_below_what_is_enough_is_said(api: FakeApi) -> None:
    app = start("index")
    press(app, "index-check")
    api.overseeing.steps = 1
    app.run()
    app.run()
    for words in ("10.0% 93.0%", "36 searches for the 10 nearest", "Below 97 %"):
        assert words in " ".join(visible(app).split())


def test_work_that_cannot_begin_or_failed_says_why(api: FakeApi) -> None:
    held = api.overseeing
    held.begin("build", "building", 1000)
    held.indexes.append(held.index("b", "building", 64))
    app = start("index")
    assert app.button(key="index-on-b").disabled
    assert "index-stop" in [button.key for button in app.button]
    assert held.progress is not None
    held.progress.update(phase="failed", ended_at=1e9, error="the index lacks 1 document", lacking=["a.txt: gone"])
    app.run()
    assert "The index lacks 1 document" in visible(app).replace("Building another index: t", "T")
    assert "a.txt: gone" in visible(app)


def test_plugins_are_found_asked_and_switched(api: FakeApi) -> None:
    api.overseeing.plugins = {
        "web": plugin("web", experimental=True),
        "sick": plugin("sick", offers=["tool sick"], error="it crashed"),
        "new": plugin("new", origin="package new-one", state="new", permissions=None, offers=[]),
    }
    app = start("plugins")
    shown = visible(app)
    for words in ("3 plugins", "Experimental", "It crashed", "Brings web."):
        assert words in shown
    app.text_input(key="plugin-filter").set_value("SICK").run()
    assert "1 plugin" in visible(app)
    press(app, "plugin-health-sick")
    assert "is not well" in visible(app)
    app.text_input(key="plugin-filter").set_value("").run()
    press(app, "plugin-health-web")
    assert "It is well." in visible(app)
    press(app, "plugin-look-new")
    assert "Looked at." in visible(app)
    assert "anything" in visible(app)
    press(app, "plugin-on-new-m1")
    assert api.overseeing.plugins["new"]["state"] == "enabled"
    press(app, "plugin-off-web")
    assert "Switch this plugin off?" in visible(app)
    assert api.overseeing.plugins["web"]["state"] == "enabled"
    press(app, "confirm-plugin")
    assert api.overseeing.plugins["web"]["state"] == "disabled"


def test_a_plugin_that_changed_since_it_was_looked_at_is_neither_shown_nor_enabled_as_it_was(api: FakeApi) -> None:
    new = plugin("new", origin="package new-one", state="new", permissions=None, offers=[])
    api.overseeing.plugins = {"new": new}
    app = start("plugins")
    press(app, "plugin-look-new")
    assert "Looked at." in visible(app)
    late = app.button(key="plugin-on-new-m1")
    new["mark"] = "m2"
    late.click().run()
    assert new["state"] == "new"
    assert "Looked at." not in visible(app)
    press(app, "plugin-look-new")
    assert "Looked at." in visible(app)
    new["state"] = "disabled"  # by somebody else, who enabled it first
    assert "Looked at." not in visible(app.run())
    press(app, "plugin-on-new-m2")
    assert api.overseeing.marks == ["m2"]


def test_a_pack_is_given_to_groups(api: FakeApi) -> None:
    api.overseeing.plugins = {"contracts": plugin("contracts", offers=["pack contracts"], state="disabled")}
    app = start("plugins")
    next(button for button in app.button if button.label == "Switch on").click().run()
    assert "Name the groups" in visible(app)
    app.text_input(key="pack-groups-contracts").set_value("legal, user:ann")
    app.text_area(key="pack-documents-contracts").set_value("no glob")
    next(button for button in app.button if button.label == "Switch on").click().run()
    assert "Write a source, a colon and a glob: no glob" in visible(app)
    app.text_area(key="pack-documents-contracts").set_value("deals: 2026/**")
    next(button for button in app.button if button.label == "Switch on").click().run()
    assert api.overseeing.plugins["contracts"]["pack"] == {
        "groups": ["legal", "user:ann"],
        "documents": [{"source": "deals", "glob": "2026/**"}],
    }
