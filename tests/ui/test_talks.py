"""What happens to chats after their answers, in Streamlit's test harness: the list, feedback, sharing."""

from __future__ import annotations

import datetime
import re
from types import SimpleNamespace
from typing import Any

import pytest
from markdown_it import MarkdownIt
from streamlit.testing.v1 import AppTest

from tests.fakes import api_conversations
from tests.fakes.api import FakeApi
from tests.fakes.api_content import HOTEL
from tests.fakes.api_refusal import Refused
from tests.fakes.api_talks import SALARY_SHARE, shared_talk, shared_turn
from tests.ui.test_app import ask, labels, press, start, visible
from ui import talks
from ui.answering import Turn
from ui.models import Citation, DocumentName
from ui.talk_texts import CAUSES
from ui.views import chats, turns

GONE = {"number": 1, "withdrawn": "gone", "document": None}


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, api: FakeApi) -> None:
    monkeypatch.setenv("ASSISTANT_API_URL", api.url)


def choose(app: AppTest, chat: str, choice: str) -> AppTest:
    app.menu_button(key=f"chat-menu-{chat}").click(choice).run()
    assert not app.exception
    return app


def talk(api: FakeApi, questions: int) -> dict[str, Any]:
    """Add a chat with answered questions."""
    begun = api.talks.begin({"question": "Question 0"})
    held = api.talks.held[begun["conversation"]["id"]]
    for number in range(1, questions):
        api.talks.ask(held, {"question": f"Question {number}"}, held["turns"][-1]["id"])
    for turn in held["turns"]:
        turn.update(plan=HOTEL.plan, answer="".join(HOTEL.deltas))
        api.talks._finish(turn, HOTEL)
    return held


def bodies(api: FakeApi, method: str, end: str) -> list[Any]:
    return [body for verb, path, body in api.requests if verb == method and path.endswith(end)]


# the list


def test_a_chat_is_renamed_pinned_deleted_and_brought_back(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    noon = SimpleNamespace(time=lambda: 1_800_014_400.0)  # far from midnight, after which "Today" is "Yesterday"
    for module in (api_conversations, chats):
        monkeypatch.setattr(module, "time", noon)
    app = ask(start(), "What does a hotel cost?")
    (chat,) = api.talks.held
    choose(app, chat, "rename")
    app.text_input(key=f"name-{chat}").set_value("Hotels")
    app.button(key=f"FormSubmitter:rename-{chat}-Save").click().run()
    assert "Hotels" in labels(app)
    assert "Today" in visible(app)
    choose(app, chat, "pin")
    assert "Pinned" in visible(app)
    choose(app, chat, "unpin")
    assert "Pinned" not in visible(app)
    choose(app, chat, "delete")
    assert not api.talks.held
    assert "\u201cHotels\u201d was deleted" in visible(app)
    assert "What you ask is kept here, for you alone." in visible(app)
    press(app, "undo-delete")
    assert "140 euros" in visible(app)
    assert "was deleted" not in visible(app)


def test_a_chat_that_is_not_shown_is_deleted_and_the_other_stays(api: FakeApi) -> None:
    other = talk(api, 1)["id"]
    app = ask(start(), "hotel")
    choose(app, other, "delete")
    assert other not in api.talks.held
    assert "140 euros" in visible(app)


def test_what_the_menu_cannot_do_is_said(api: FakeApi) -> None:
    other = talk(api, 1)["id"]
    app = start()
    del api.talks.held[other]
    choose(app, other, "pin")
    assert "You have no conversation of that id" in visible(app)


def test_chats_are_searched_and_paged(api: FakeApi) -> None:
    for number in range(35):
        api.talks.begin({"question": f"Chat {number:02}"})
    app = start()
    assert "Chat 05" in labels(app)
    assert "Chat 04" not in labels(app)
    press(app, "more-chats")
    assert "Chat 04" in labels(app)
    app.text_input(key="find-chat").set_value("chat 01").run()
    assert [label for label in labels(app) if label.startswith("Chat")] == ["Chat 01"]
    app.text_input(key="find-chat").set_value("zebra").run()
    assert "No chat has these words." in visible(app)


@pytest.mark.parametrize(
    ("hours", "group"),
    [(1, "today"), (13, "yesterday"), (37, "week"), (24 * 7, "week"), (24 * 8, "month"), (24 * 40, "older")],
)
def test_chats_are_grouped_by_the_persons_calendar(hours: int, group: str) -> None:
    where = datetime.timezone(datetime.timedelta(hours=2))
    now = datetime.datetime(2026, 11, 30, 12, 30, tzinfo=where).timestamp()
    assert talks.group_of(now - hours * 3600, now, where) == group


# an answer


def test_an_answer_is_judged_changed_and_taken_back(api: FakeApi) -> None:
    app = ask(start(), "What does a hotel cost?")
    (held,) = api.talks.held.values()
    turn = held["turns"][0]["id"]
    press(app, f"up-{turn}")
    assert api.after.said[turn]["verdict"] == "up"
    assert [one.value for one in app.toast] == ["Thank you\\. It helps to make answers better\\."]
    press(app, f"down-{turn}")
    assert api.after.said[turn]["verdict"] == "down"
    app.get("button_group")[0].set_value("outdated")
    app.text_area(key=f"reason-{turn}").set_value("It is 150 now.")
    press(app, f"FormSubmitter:why-{turn}-Send")
    assert api.after.said[turn] == {"verdict": "down", "cause": "outdated", "reason": "It is 150 now."}
    press(app, f"down-{turn}")
    assert app.text_area(key=f"reason-{turn}").value == "It is 150 now."
    press(app, f"FormSubmitter:why-{turn}-Take back")
    assert not api.after.said
    press(app, f"up-{turn}")
    press(app, f"up-{turn}")
    assert not api.after.said


def test_a_reason_that_was_refused_stays_in_the_dialog(api: FakeApi) -> None:
    app = ask(start(), "What does a hotel cost?")
    (held,) = api.talks.held.values()
    turn = held["turns"][0]["id"]
    press(app, f"down-{turn}")
    app.text_area(key=f"reason-{turn}").set_value("It is 150 now.")
    api.refusal = Refused(503, "the store is full", "make room", "StorageFullError")
    for button in ("Send", "Take back"):
        press(app, f"FormSubmitter:why-{turn}-{button}")
        assert "The store is full" in visible(app)
        assert app.text_area(key=f"reason-{turn}").value == "It is 150 now."
        assert not [one for one in app.toast if "Taken back" in one.value]
    api.refusal = None
    press(app, f"FormSubmitter:why-{turn}-Send")
    assert api.after.said[turn]["reason"] == "It is 150 now."


def test_a_reason_that_was_given_elsewhere_meanwhile_is_kept(api: FakeApi) -> None:
    app = ask(start(), "What does a hotel cost?")
    (held,) = api.talks.held.values()
    turn = held["turns"][0]["id"]
    api.after.said[turn] = {"verdict": "down", "cause": "wrong", "reason": "No."}
    press(app, f"down-{turn}")
    assert api.after.said[turn]["reason"] == "No."
    assert app.text_area(key=f"reason-{turn}").value == "No."


def test_what_was_said_is_there_again_with_the_chat(api: FakeApi) -> None:
    held = talk(api, 1)
    turn = held["turns"][0]["id"]
    api.after.said[turn] = {"verdict": "down", "cause": "wrong", "reason": "No."}
    app = press(start(), f"chat-{held['id']}")
    press(app, f"down-{turn}")
    assert app.text_area(key=f"reason-{turn}").value == "No."


def test_every_cause_is_one_that_the_api_knows() -> None:
    from typing import get_args

    from assistant.wire.evaluation import Cause

    assert {"", *CAUSES} == set(get_args(Cause))


def test_an_answer_is_copied_with_its_citations() -> None:
    name = DocumentName("handbook", "a.pdf", "Travel", "")
    turn = Turn("q?", text="Hotels cost 140 [1]. See [2].", done=True)
    turn.citations = (
        Citation(1, name, 2, 0, 5, "Hotels\n cost", verified=True),
        Citation(2, name, None, 0, 0, "", verified=False, kind="attachment"),
    )
    assert talks.copied(turn) == (
        "Hotels cost 140 [1]. See [2].\n\nSources:\n"
        "- [1] Travel, Page 2, handbook: a.pdf: \u201cHotels cost\u201d (Verified)\n"
        "- [2] Travel (Attached picture)\n"
    )
    assert talks.copied(Turn("q?", text="None.", done=True)) == "None.\n"


def test_a_copied_citation_keeps_its_doubts_and_is_no_markup() -> None:
    evil = "![x](https://evil.example/?q=1) <img src=x> www.evil.example &#60;b&#62;"
    named = DocumentName("s", "a_b_.md", evil, "")
    turn = Turn("q?", text="So [1]. And [2].", done=True)
    turn.citations = (
        Citation(1, named, 2, 0, 5, evil, True, (evil,), supported=False, flagged=True),
        Citation(2, DocumentName("s", "a.md", "Travel", ""), None, 0, 5, "R&D *costs*", verified=False),
    )
    page = talks.copied(turn)
    assert "(Verified, Says otherwise, Suspicious)\n" in page
    assert page.endswith("- [2] Travel, s: a.md: \u201cR&D \\*costs\\*\u201d (Not verified)\n")
    assert "https:" not in page
    assert "www." not in page
    drawn = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(page)
    assert set(re.findall(r"<(\w+)", drawn)) == {"p", "ul", "li"}
    assert "a_b_.md" in drawn


def test_of_a_long_chat_the_last_turns_are_drawn_and_earlier_ones_when_asked_for(api: FakeApi) -> None:
    held = talk(api, 60)
    app = press(start(), f"chat-{held['id']}")
    shown = visible(app)
    assert f"Question {60 - turns.SHOWN} " in shown
    assert f"Question {59 - turns.SHOWN} " not in shown
    assert f"Show earlier questions ({60 - turns.SHOWN})" in labels(app)
    press(app, "earlier-turns")
    assert f"Question {60 - turns.SHOWN - turns.MORE} " in visible(app)
    press(app, "earlier-turns")
    assert "Question 0 " in visible(app)
    assert "earlier-turns" not in [button.key for button in app.button]


def test_an_earlier_question_is_edited_into_a_branch(api: FakeApi) -> None:
    held = talk(api, 3)
    app = press(start(), f"chat-{held['id']}")
    first = held["turns"][0]["id"]
    press(app, f"edit-{first}")
    app.text_area(key=f"edited-{first}").set_value("How much leave?")
    press(app, f"FormSubmitter:editor-{first}-Ask")
    fourth = held["turns"][3]["id"]
    assert "28 days of leave" in visible(app)
    assert "Question 2" not in visible(app)
    press(app, f"version--1-{fourth}")
    assert "Question 0 " in visible(app)


# sharing


def test_a_chat_is_shared_with_groups_and_people_and_taken_back(api: FakeApi) -> None:
    api.has_accounts = True
    held = talk(api, 1)
    app = choose(start(), held["id"], "share")
    app.radio(key=f"share-with-{held['id']}").set_value(False).run()
    press(app, "make-share")
    assert "Name a group or a person." in visible(app)
    app.multiselect(key=f"share-groups-{held['id']}").set_value(["sales"])
    app.text_input(key=f"share-people-{held['id']}").set_value(" ann@firm , ")
    app.selectbox(key=f"share-days-{held['id']}").set_value(7).run()
    press(app, "make-share")
    assert bodies(api, "POST", "/shares") == [{"readers": ["sales", "user:ann@firm"], "days": 7}]
    assert "With sales, ann@firm, until" in visible(app)
    assert "/shared?share=share-1" in visible(app)
    press(app, "end-share-share-1")
    assert api.after.shares["share-1"]["ended_at"]
    assert "It is not shared." in visible(app)


def test_where_nobody_signs_in_nothing_is_shared(api: FakeApi) -> None:
    held = talk(api, 1)
    app = start()
    assert "share" not in app.menu_button(key=f"chat-menu-{held['id']}").options


def test_a_shared_chat_shows_what_the_reader_may_read(api: FakeApi) -> None:
    api.has_accounts = True
    told = shared_turn("What does a hotel cost?", "".join(HOTEL.deltas), HOTEL.citations)
    hidden = shared_turn("And what is Ann paid?", "[withdrawn]", (GONE,), withdrawn=True)
    part = shared_turn("And leave?", "28 days. [withdrawn]", (GONE,), withdrawn=True)
    api.after.with_me[SALARY_SHARE] = shared_talk(told, hidden, part)
    app = start("shared")
    assert "bob shares it until" in visible(app)
    app.query_params["share"] = SALARY_SHARE
    app.run()
    shown = visible(app)
    for said in ("1 of 3 answers are withheld", "140 euros a night", "And what is Ann paid?", "28 days.", "Withheld"):
        assert said in shown
    assert "Part of this answer is withdrawn" in shown
    app.query_params["share"] = "no-such"
    app.run()
    assert not app.exception
    assert "You have no conversation of that id" in visible(app)


def test_what_was_never_answered_is_not_called_withheld(api: FakeApi) -> None:
    api.has_accounts = True
    failed = shared_turn("Why?", "", state="failed", withdrawn=True)
    cut = [
        shared_turn("And?", "[withdrawn]", (GONE,), state=state, withdrawn=True)
        for state in ("stopped", "interrupted", "waiting", "answering")
    ]
    api.after.with_me[SALARY_SHARE] = shared_talk(failed, *cut)
    app = start("shared")
    app.query_params["share"] = SALARY_SHARE
    shown = visible(app.run())
    assert shown.count("There is no answer") == 1
    assert shown.count("This answer was not finished") == len(cut)
    assert "ithheld" not in shown
    assert "withdrawn" not in shown
    press(app, "ask-s1")


def test_where_nothing_is_shared_the_page_says_so(api: FakeApi) -> None:
    assert "Nothing is shared with you" in visible(start("shared"))
