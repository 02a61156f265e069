"""The pages of sources and runs, in Streamlit's own test harness, against the scripted API."""

from __future__ import annotations

import time

import pytest
import streamlit as st

from tests.fakes.api import FakeApi
from tests.ui.test_app import labels, press, start, visible


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    name = "empty_api" if "empty_api" in request.fixturenames else "api"
    monkeypatch.setenv("ASSISTANT_API_URL", request.getfixturevalue(name).url)


def submit(app: object, form: str, label: str) -> None:
    app.button(key=f"FormSubmitter:{form}-{label}").click().run()  # type: ignore[attr-defined]
    assert not app.exception  # type: ignore[attr-defined]


def test_a_source_is_paused_resumed_and_synced_from_the_list(api: FakeApi) -> None:
    app = start("sources")
    shown = visible(app)
    assert "Healthy" in shown
    assert "3 documents" in shown
    assert "Every hour" in shown
    assert "last success" in shown
    assert "next in 30 minutes" in shown
    press(app, "Pause-handbook")
    assert api.sources["handbook"]["state"] == "paused"
    assert "Paused" in visible(app)
    press(app, "Resume-handbook")
    press(app, "Sync now-handbook")
    assert ("POST", "/api/sources/handbook/sync", None) in api.requests
    app.run()  # the page looks again by itself: a worker takes the run up a moment later
    assert "Running" in visible(app)
    assert [bar.proto.text.partition(":")[0] for bar in app.get("progress")] == ["Listing"]


def test_a_source_is_removed_after_asking(api: FakeApi) -> None:
    app = start("sources", source="handbook")
    press(app, "remove-handbook")
    press(app, "cancel-remove")
    assert "The files themselves" not in visible(app)
    press(app, "remove-handbook")
    assert "handbook" in api.sources
    assert "and 3 documents will no longer" in visible(app)
    assert "cannot be undone" in visible(app)
    press(app, "confirm-remove")
    assert not api.sources
    assert "No sources yet" in visible(app)


def test_many_sources_come_in_pages_with_filters(api: FakeApi) -> None:
    for number in range(45):
        api.sources[f"wiki {number:02d}"] = {**api.sources["handbook"], "name": f"wiki {number:02d}", "kind": "notes"}
    api.sources["wiki 07"].update(state="failing", last_error="https://wiki refuses the sign-in (check the token)")
    api.sources["wiki 08"].update(state="failing", last_error="the server went away", is_partial=True)
    api.sources["wiki 09"].update(last_sync_at=None, last_success_at=None)
    app = start("sources")
    assert "1\u201320 of 46" in visible(app)
    press(app, "sources-offset-next")
    assert "21\u201340 of 46" in visible(app)
    app.text_input(key="source-find").set_value("WIKI 0").run()
    assert len([one for one in labels(app) if one == "Pause"]) == 10
    (states,) = app.get("button_group")
    assert states.options == ["Failing (1)", "Listed in part (1)", "Never run (1)", "Healthy (43)"]
    states.set_value(["failing", "partial"]).run()
    shown = visible(app)
    assert "refuses the sign-in" in shown
    assert "the next run goes on there" in shown
    assert len([one for one in labels(app) if one == "Pause"]) == 2
    app.selectbox(key="source-kind-filter").set_value("folder").run()
    assert "No source matches" in visible(app)


def test_a_failing_credential_is_mended_where_the_link_leads(api: FakeApi) -> None:
    api.add({"name": "wiki", "kind": "notes", "config": {"site": "https://wiki", "token": "*" * 10}, "schedule": None})
    api.queued.clear()
    api.sources["wiki"].update(state="failing", last_error="https://wiki refuses the sign-in (check the token)")
    app = start("sources", source="wiki", view="settings", field="secrets")
    assert "The source refuses the sign-in: fill this in again." in visible(app)
    app.text_input(key="edit-wiki-token").set_value("wrong")
    submit(app, "edit-source-wiki", "Save")
    assert "check the token" in visible(app).casefold()
    app.text_input(key="edit-wiki-token").set_value("right")
    submit(app, "edit-source-wiki", "Test")
    assert "2 notebooks" in visible(app)
    assert "Read by everyone" in visible(app)
    submit(app, "edit-source-wiki", "Save")
    assert api.sources["wiki"]["config"] == {"site": "https://wiki", "token": "right"}
    assert ("POST", "/api/sources/wiki/sync", None) in api.requests


def test_a_stored_secret_is_forgotten(api: FakeApi) -> None:
    api.add({"name": "wiki", "kind": "notes", "config": {"site": "https://wiki", "token": "*" * 10}, "schedule": None})
    app = start("sources", source="wiki", view="settings")
    app.checkbox(key="edit-wiki-token-forget").check()
    submit(app, "edit-source-wiki", "Save")
    assert api.sources["wiki"]["config"] == {"site": "https://wiki"}
    app = start("sources", source="wiki", view="settings")
    assert not app.checkbox  # nothing is stored any more


def test_passwords_of_documents_are_added_and_forgotten(api: FakeApi) -> None:
    api.sources["handbook"]["passwords"] = ["**********"]
    app = start("sources", source="handbook", view="settings")
    assert "1 password stored" in visible(app)
    app.text_input(key="password-handbook").set_value("open sesame")
    submit(app, "add-password-handbook", "Add password")
    assert api.sources["handbook"]["passwords"] == ["**********", "open sesame"]
    press(app, "forget-handbook")
    assert api.sources["handbook"]["passwords"]
    press(app, "confirm-forget")
    assert api.sources["handbook"]["passwords"] == []


def test_a_source_is_added_with_a_test_a_schedule_and_readers(api: FakeApi) -> None:
    app = start("sources", add="1")
    app.selectbox(key="source-kind").set_value("notes").run()
    app.selectbox(key="new-notes-when").set_value("0 6 * * 1").run()
    shown = visible(app)
    assert "Mondays at 06:00 (UTC)." in shown
    assert "As a line: 0 6 * * 1" in shown
    assert "Next: " in shown
    submit(app, "add-source-notes", "Add")
    assert "Site has to be filled in." in visible(app)
    app.text_input(key="source-notes-site").set_value("odd")
    app.text_input(key="source-name-notes").set_value("wiki")
    app.text_input(key="source-readers-notes").set_value("hr, legal")
    submit(app, "add-source-notes", "Add")
    assert [one for one in app.html if 'role="alert"' in one.value and "is no address" in one.value]
    app.text_input(key="source-notes-site").set_value("https://wiki")
    submit(app, "add-source-notes", "Test")
    assert "The first 2 documents that would be read" in visible(app)
    assert "wiki" not in api.sources
    submit(app, "add-source-notes", "Add")
    sent = [body for method, path, body in api.requests if (method, path) == ("POST", "/api/sources")][-1]
    assert sent["schedule"] == "0 6 * * 1"
    assert sent["readers"] == {"default": ["hr", "legal"]}
    assert sent["config"] == {"site": "https://wiki"}
    assert app.query_params["source"] == "wiki"


def test_a_schedule_is_chosen_by_days_and_by_line(api: FakeApi) -> None:
    api.sources["handbook"]["schedule"] = "30 7 * * 1,3"
    app = start("sources", source="handbook", view="schedule")
    assert app.selectbox(key="schedule-handbook-when").value == "days"
    assert "Mondays and Wednesdays at 07:30" in visible(app)
    app.selectbox(key="schedule-handbook-when").set_value("line").run()
    app.text_input(key="schedule-handbook-line").set_value("sometimes").run()
    assert "'sometimes' is not a schedule" in visible(app)
    app.text_input(key="schedule-handbook-line").set_value("0 8-18 * * 1-5").run()
    assert "in the hours 8 to 18, on Monday to Friday" in visible(app)
    press(app, "save-schedule-handbook")
    assert api.sources["handbook"]["schedule"] == "0 8-18 * * 1-5"


@pytest.mark.parametrize("zone", ["CET", "Etc/UTC", "Europe/Vienna"])
def test_the_time_zone_and_the_pace_stay_what_they_are_when_something_else_is_saved(api: FakeApi, zone: str) -> None:
    api.sources["handbook"].update(schedule="30 7 * * 1,3", time_zone=zone, per_minute=0.05)
    app = start("sources", source="handbook", view="schedule")
    assert app.selectbox(key="schedule-handbook-zone").value == zone
    app.number_input(key="at-once-handbook").set_value(2)
    press(app, "save-schedule-handbook")
    held = api.sources["handbook"]
    assert (held["time_zone"], held["per_minute"], held["concurrency"]) == (zone, 0.05, 2)


def test_runs_are_filtered(api: FakeApi) -> None:
    app = start("runs")
    assert "Done, 1 failed" in visible(app)
    assert "4 seen, 3 added, 1 failed" in visible(app)
    app.multiselect(key="runs-states").set_value(["failed"]).run()
    assert "No run matches" in visible(app)
    app.multiselect(key="runs-states").set_value(["done"]).run()
    api.runs[0]["started_at"] = time.time() - 10 * 86_400
    app.selectbox(key="runs-days").set_value("week").run()
    assert "No run matches" in visible(app)
    app.selectbox(key="runs-days").set_value("month").run()
    assert "Done, 1 failed" in visible(app)
    app.session_state["runs-offset"] = 50  # of a longer list, before a link led to this one
    assert "Done, 1 failed" in visible(app.run())


def test_a_run_that_the_filter_leaves_out_does_not_hold_up_the_page(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fakes.api.RUN_STEPS", 10_000)
    api._start_run("handbook")
    app = start("runs")
    app.multiselect(key="runs-states").set_value(["done"]).run()
    assert not app.exception
    assert "Done, 1 failed" in visible(app)


def test_a_run_shows_its_phases_and_its_failures_by_cause(api: FakeApi) -> None:
    api.runs[0].update(phases={"parse": 3.0, "list": 1.0, "odd": 90.0}, finished=4)
    api.runs[0]["documents"]["failed"] = 2
    app = start("runs", run="run-1")
    shown = visible(app)
    assert shown.index("List") < shown.index("Parse") < shown.index("odd")
    assert "2 min" in shown
    assert "No text was found in them" in shown
    assert "They changed while they were read" in shown
    press(app, "ignore-EmptyDocumentError")
    assert api.ignored == {"scans/empty.pdf"}
    assert app.button(key="ignore-EmptyDocumentError").disabled
    press(app, "retry-DocumentChangedError")
    sent = [body for _, path, body in api.requests if path == "/api/failures/retry"]
    assert sent == [{"source": "handbook", "keys": ["drafts/open.docx"]}]
    press(app, "retry-all")
    sent = [body for _, path, body in api.requests if path == "/api/failures/retry"]
    assert sent[-1]["keys"] == ["scans/empty.pdf", "drafts/open.docx"]


def test_more_failures_than_are_looked_up_are_named_and_all_are_tried_again(api: FakeApi) -> None:
    api.runs[0]["documents"]["failed"] = 2
    api.open_failures = 25_000
    app = start("runs", run="run-1")
    assert "25,000 documents of this source could not be indexed; 2 of them are looked up" in visible(app)
    press(app, "retry-all")
    sent = [body for _, path, body in api.requests if path == "/api/failures/retry"]
    assert sent == [{"source": "handbook", "keys": None}]


def test_a_run_under_way_is_followed_and_cancelled(api: FakeApi) -> None:
    api.sync("handbook")
    api.step()
    api.runs[0].update(finished=30, pending=70, seconds_left=95.0, started_at=time.time() - 60)
    app = start("runs", run=api.runs[0]["id"])
    (bar,) = app.get("progress")
    assert bar.proto.text.startswith("Indexing: 30 of 100 documents, ")
    assert bar.proto.text.endswith(" a minute, about 2 min left")
    assert bar.proto.value == 30
    press(app, "cancel-run")
    assert api.runs[0]["state"] == "cancelled"
    app.run()
    assert "Cancelled" in visible(app)
    assert not app.get("progress")


def test_a_failed_run_leads_to_the_sign_in_and_is_tried_again(api: FakeApi) -> None:
    api.runs[0].update(state="failed", error="https://wiki refuses the sign-in (check the token)")
    app = start("runs", run="run-1")
    assert "refuses the sign-in" in visible(app)
    assert "Give the sign\\-in again" in [link.proto.label for link in app.get("page_link")]
    press(app, "retry-sync")
    assert ("POST", "/api/sources/handbook/sync", None) in api.requests


def test_a_run_that_is_not_there_is_named(api: FakeApi) -> None:
    assert "There is no run none" in visible(start("runs", run="none"))
    assert "There is no source none" in visible(start("sources", source="none"))


@pytest.mark.parametrize("address", [{}, {"source": "handbook"}])
def test_a_sync_that_waits_for_a_worker_is_followed(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch, address: dict[str, str]
) -> None:
    start("sources")  # its modules are loaded now: parts of other pages are made while they are
    looked: list[float | None] = []
    fragment = st.fragment

    def noted(*args: object, run_every: float | None = None, **more: object) -> object:
        looked.append(run_every)
        return fragment(*args, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(st, "fragment", noted)
    start("sources", **address)
    at_rest = looked[:]
    api.sources["handbook"]["is_asked"] = True  # since long, and elsewhere: nothing in this session says so
    looked.clear()
    start("sources", **address)
    assert set(at_rest) == {None}
    assert looked
    assert None not in looked
