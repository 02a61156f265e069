"""The page of the quality of answers: feedback, what got no good answer, the evaluation set and its evaluations."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from html import escape

import streamlit as st

from ui import asking, formats, pager, quality_texts, render, session, texts, usage_texts, widgets
from ui.client import ApiError
from ui.measures import Feedback, Kept, Poor
from ui.views import evaluations
from ui.views.usage import PERIODS

SHOWN = 50
_OFFSET = "feedback-offset"
_ASKED = "quality-asked"  # what the person is asked about: a word and an id
_KEPT_FORMS = "quality-kept-forms"  # how many forms were sent and stored


def page() -> None:
    """Draw the four parts, of which one is open; only that one is asked for."""
    st.html(
        render.element("h1", escape(quality_texts.QUALITY), "as-heading")
        + render.element("p", escape(quality_texts.LEAD), "as-quiet-text")
    )
    parts = (_feedback, _unanswered, _set, evaluations.show)
    for tab, draw in zip(st.tabs(quality_texts.TABS, key="quality-tabs", on_change="rerun"), parts, strict=True):
        if tab.open:
            with tab:
                draw()


def _feedback() -> None:
    verdict = st.segmented_control(
        quality_texts.SHOW,
        list(quality_texts.VERDICTS),
        default="",
        key="feedback-verdict",
        format_func=lambda one: quality_texts.VERDICTS[one],
        required=True,
        on_change=pager.first_page,
        args=(_OFFSET,),
    )
    offset = pager.offset_of(_OFFSET)
    found = session.attempt(lambda: session.client().feedback(verdict or None, SHOWN, offset))
    if isinstance(found, ApiError):
        widgets.failure(found, "feedback")
        return
    shown, total = found
    if not total:
        widgets.notice(quality_texts.NO_FEEDBACK, quality_texts.NO_FEEDBACK_HINT, kind="quiet")
    pager.must_be_there(_OFFSET, len(shown), total)
    kept = _kept_texts()
    for one in shown:
        _one_feedback(one, is_kept=one.question in kept)
    pager.draw(_OFFSET, offset, SHOWN, total)


def _one_feedback(one: Feedback, *, is_kept: bool) -> None:
    with st.container(border=True, key=f"feedback-{one.id}"):
        good = one.verdict == "up"
        badge = render.element(
            "span",
            escape(quality_texts.GOOD if good else quality_texts.BAD),
            f"as-badge as-badge-{'on' if good else 'bad'}",
        )
        about = "".join(render.element("span", escape(said)) for said in (one.user, texts.ago(one.created_at)))
        body = render.element("div", render.element("h2", escape(one.question)) + badge, "as-source")
        body += render.element("div", about, "as-about")
        if one.withheld:
            body += render.element("p", escape(quality_texts.WITHHELD), "as-quiet-text")
        if one.reason:
            body += render.element("p", escape(f"{quality_texts.REASON}: {one.reason}"), "as-said")
        st.html(body)
        if one.answer:
            with st.expander(quality_texts.ANSWER, key=f"feedback-answer-{one.id}"):
                st.html(render.element("div", escape(one.answer), "as-passage") + _list(quality_texts.CITED, one.cited))
        with st.container(horizontal=True, gap="small"):
            _keep_button(one.question, f"f-{one.id}", is_kept=is_kept)
            _ask_button(quality_texts.DELETE, "delete", "feedback", one.id)
        if st.session_state.get("quality-keeping") == f"f-{one.id}":
            _form(f"f-{one.id}", one.question, feedback=one.id)
        _confirm("feedback", one.id, session.client().forget_feedback)


def _unanswered() -> None:
    days = st.segmented_control(
        quality_texts.PERIOD, PERIODS, default=30, key="unanswered-days", format_func=usage_texts.days, required=True
    )
    with st.spinner(usage_texts.COUNTING):
        found = session.attempt(lambda: session.client().unanswered(int(days or 30)))
    if isinstance(found, ApiError):
        widgets.failure(found, "unanswered")
        return
    tiles = (
        widgets.tile(quality_texts.WHY[why], formats.number(number), quality_texts.WHY_HELP[why])
        for why, number in found.counts.items()
    )
    st.html(render.element("dl", "".join(tiles), "as-tiles"))
    if not found.shown:
        widgets.notice(quality_texts.NOT_SHOWN, quality_texts.NOT_SHOWN_BODY)
        return
    if not found.questions:
        widgets.notice(quality_texts.NO_QUESTIONS, quality_texts.NO_QUESTIONS_HINT, kind="quiet")
        return
    if found.topics:
        st.html(
            render.element("h2", escape(quality_texts.TOPICS), "as-heading")
            + render.element("p", escape(quality_texts.TOPICS_LEAD), "as-quiet-text")
        )
    for at, (words, members) in enumerate(found.topics):
        with st.expander(render.plain(quality_texts.topic(words, len(members))), key=f"topic-{at}"):
            st.html(_list("", [found.questions[member].question for member in members]))
    st.html(render.element("h2", escape(quality_texts.NEWEST), "as-heading"))
    kept = _kept_texts()
    for one in found.questions[:SHOWN]:
        _one_unanswered(one, is_kept=one.question in kept)
    if len(found.questions) > SHOWN:
        st.html(render.element("p", escape(texts.and_more(len(found.questions) - SHOWN)), "as-quiet-text"))


def _one_unanswered(one: Poor, *, is_kept: bool) -> None:
    # by what was asked: newer ones move its place in the list
    key = f"u-{hashlib.sha256(one.question.encode()).hexdigest()[:12]}"
    with st.container(border=True, key=f"unanswered-{key}"):
        badge = render.element("span", escape(quality_texts.WHY.get(one.why, one.why)), "as-badge")
        head = render.element("div", render.element("h2", escape(one.question)) + badge, "as-source")
        st.html(head + render.element("div", render.element("span", escape(one.day)), "as-about"))
        _keep_button(one.question, key, is_kept=is_kept)
        if st.session_state.get("quality-keeping") == key:
            _form(key, one.question)


def _set() -> None:
    found = widgets.latest(session.attempt(session.client().kept_questions), "kept")
    if found is None:
        return
    with st.expander(quality_texts.ADD_OWN, icon=":material/add:", key="add-question", expanded=not found):
        _form("own", None)
    if not found:
        widgets.notice(quality_texts.EMPTY_SET, quality_texts.EMPTY_SET_HINT, kind="quiet")
        return
    st.html(render.element("p", escape(quality_texts.kept_of(len(found))), "as-quiet-text"))
    for one in reversed(found):
        with st.container(border=True, key=f"kept-{one.id}"):
            st.html(
                render.element("div", render.element("h2", escape(one.question)), "as-source")
                + render.element("p", escape(f"{quality_texts.EXPECTED}: {_expected(one)}"), "as-quiet-text")
            )
            _ask_button(quality_texts.REMOVE, "delete", "kept", one.id)
            _confirm("kept", one.id, session.client().remove_question)


def _expected(one: Kept) -> str:
    if one.withheld:
        return quality_texts.WITHHELD
    if not one.answerable:
        return quality_texts.REFUSAL
    return "; ".join(one.expected) or quality_texts.NOTHING_EXPECTED


def _kept_texts() -> set[str]:
    found = session.attempt(session.client().kept_questions)
    return set() if isinstance(found, ApiError) else {one.question for one in found}


def _keep_button(question: str, key: str, *, is_kept: bool) -> None:
    st.button(
        quality_texts.KEPT if is_kept else quality_texts.KEEP,
        key=f"keep-{key}",
        icon=":material/check:" if is_kept else ":material/playlist_add:",
        help=render.plain(question[:200]),
        disabled=is_kept,
        on_click=_set_keeping,
        args=(key,),
    )


def _set_keeping(key: str | None) -> None:
    st.session_state["quality-keeping"] = key


def _form(key: str, question: str | None, feedback: str | None = None) -> None:
    """Draw the form that keeps a question; one that was asked cannot be changed."""
    at = f"{key}-{st.session_state.setdefault(_KEPT_FORMS, 0)}"  # emptied by another key, once what it held is stored
    with st.form(f"keep-form-{at}", border=False):
        asked = question
        if question is None:
            asked = st.text_input(
                quality_texts.QUESTION, key=f"keep-question-{at}", help=quality_texts.QUESTION_HELP, max_chars=2000
            )
        documents = st.text_area(
            quality_texts.DOCUMENTS, key=f"keep-documents-{at}", help=quality_texts.DOCUMENTS_HELP, height=80
        )
        facts = st.text_area(quality_texts.FACTS, key=f"keep-facts-{at}", help=quality_texts.FACTS_HELP, height=80)
        refusal = st.checkbox(quality_texts.UNANSWERABLE, key=f"keep-refusal-{at}")
        with st.container(horizontal=True, gap="small"):
            sent = st.form_submit_button(quality_texts.ADD, type="primary", icon=":material/playlist_add:")
            if question is not None:
                st.form_submit_button(quality_texts.CANCEL, on_click=_set_keeping, args=(None,))
    if not sent:
        return
    expected = {"documents": _lines(documents), "facts": _lines(facts), "answerable": not refusal}
    done = session.attempt(
        lambda: session.client().keep_question((asked or "").strip(), feedback=feedback, **expected)  # type: ignore[arg-type]
    )
    if isinstance(done, ApiError):
        widgets.notice(done.message, done.hint, kind="error")
        return
    _set_keeping(None)
    st.session_state[_KEPT_FORMS] += 1
    st.session_state.said = quality_texts.ADDED
    st.rerun()


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _list(title: str, entries: tuple[str, ...] | list[str]) -> str:
    if not entries:
        return ""
    head = render.element("h3", escape(title), "as-label") if title else ""
    return head + render.element("ul", "".join(render.element("li", escape(one)) for one in entries), "as-failures")


def _ask_button(label: str, icon: str, what: str, name: str) -> None:
    st.button(
        label,
        key=f"ask-{what}-{name}",
        icon=f":material/{icon}:",
        type="tertiary",
        on_click=_ask,
        args=((what, name),),
    )


def _ask(asked: tuple[str, str] | None) -> None:
    asking.ask(_ASKED, asked)


def _confirm(what: str, name: str, action: Callable[[str], None]) -> None:
    if asking.about(_ASKED) != (what, name):
        return
    said = {
        "feedback": (quality_texts.DELETE_TITLE, quality_texts.DELETE_BODY),
        "kept": (quality_texts.REMOVE_TITLE, quality_texts.REMOVE_BODY),
    }[what]
    if not widgets.confirmed(*said, f"{what}-{name}", lambda: _ask(None)):
        return
    done = session.attempt(lambda: action(name))
    if isinstance(done, ApiError):
        widgets.notice(done.message, done.hint, kind="error")
        return
    _ask(None)
    st.rerun()
