"""The chat page: questions, streamed answers, citations that open."""

from __future__ import annotations

import time
from html import escape

import streamlit as st

from ui import render, session, texts, widgets
from ui.client import ApiError
from ui.session import Turn
from ui.views import place, welcome

FRAME_SECONDS = 0.04


def page() -> None:
    """Draw the chat that is shown, its answer under way included."""
    status = session.attempt(session.status)
    chat = session.current_chat()
    if isinstance(status, ApiError) and not chat.turns:
        widgets.failure(status, "status")
        return
    if not isinstance(status, ApiError) and not chat.turns and welcome.show(status):
        return
    answering = chat.answering
    clicked = widgets.clicked_citation(answering.id if answering else "")
    _ask_bar(answering, follow_up=bool(chat.turns))
    for turn in chat.turns:
        _turn(turn)
    if answering:
        st.rerun()  # it is complete now: the ask bar has to know
    if clicked:
        _open(*clicked)


def _open(turn_id: str, number: int) -> None:
    turn = session.find_turn(turn_id)
    citation = next((item for item in turn.citations if item.number == number), None) if turn else None
    if citation:
        place.open_place(citation)


def _ask_bar(answering: Turn | None, *, follow_up: bool) -> None:
    with st.bottom:
        with st.container(key="ask-options", horizontal=True, vertical_alignment="center", gap="small"):
            _options()
            if answering:
                st.button(texts.STOP, key="stop", icon=":material/stop_circle:", on_click=answering.stop)
        st.chat_input(
            texts.ANSWERING if answering else texts.FOLLOW_UP if follow_up else texts.QUESTION,
            key="question",
            max_chars=8_000,
            disabled=answering is not None,
            on_submit=_asked,
        )


def _asked() -> None:
    session.ask(st.session_state.question or "", chosen_mode(), chosen_sources())


def chosen_mode() -> str:
    """Return the mode that the picker holds."""
    return str(st.session_state.get("mode") or "auto")


def chosen_sources() -> tuple[str, ...]:
    """Return the sources that the picker holds, none for all."""
    return tuple(st.session_state.get("scope") or ())


def _options() -> None:
    label = f"{texts.MODES[chosen_mode()][0]} \u00b7 {texts.scope(chosen_sources())}"
    with st.popover(render.plain(label), icon=":material/tune:", type="tertiary", help=texts.OPTIONS):
        st.radio(
            texts.MODE,
            list(texts.MODES),
            key="mode",
            format_func=lambda mode: texts.MODES[mode][0],
            captions=[caption for _, caption in texts.MODES.values()],
            persist_state="session",
        )
        sources = session.attempt(session.client().sources)
        names = [] if isinstance(sources, ApiError) else [source.name for source in sources]
        st.multiselect(texts.SCOPE, names, key="scope", placeholder=texts.ALL_SOURCES, persist_state="session")


def _turn(turn: Turn) -> None:
    question = render.element("span", escape(texts.YOU), "as-hidden") + escape(turn.question)
    with st.container(key=f"turn-{turn.id}"):
        st.html(render.element("h2", question, "as-question"))
        body = st.empty()
        while not turn.done:
            body.html(_under_way(turn))
            time.sleep(FRAME_SECONDS)
        if shown := _answered(turn):
            body.html(shown)
        if turn.error:
            widgets.failure(turn.error, turn.id, lambda: _again(turn))


def _again(turn: Turn) -> None:
    session.current_chat().turns.remove(turn)
    session.ask(turn.question, turn.mode, turn.sources)


def _under_way(turn: Turn) -> str:
    if turn.plan is None:
        doing = texts.LOOKING
    elif not turn.text:
        doing = texts.plan_sentence(turn.plan)
        return (
            _plan(turn) + render.notes(turn.plan.notes) + render.element("p", escape(doing), "as-doing", role="status")
        )
    else:
        live = render.answer_text(turn.text, turn.citations, turn=turn.id, live=True)
        return _plan(turn) + render.notes(turn.plan.notes) + live
    return render.element("p", escape(doing), "as-doing", role="status")


def _plan(turn: Turn) -> str:
    if turn.plan is None:
        return ""
    usage = turn.usage
    if usage is None:
        return render.plan_details(turn.plan, turn.plan.model, {}, {})
    return render.plan_details(turn.plan, usage.model, usage.usage, usage.timings)


def _notes(turn: Turn) -> tuple[str, ...]:
    if turn.usage is not None:
        return turn.usage.notes
    return turn.plan.notes if turn.plan else ()


def _answered(turn: Turn) -> str:
    parts = [_plan(turn), render.notes(_notes(turn))]
    if not turn.found:
        said = turn.text.strip() or texts.NOT_FOUND_HINT
        parts.append(render.notice(texts.NOT_FOUND, said, kind="quiet"))
        if said != texts.NOT_FOUND_HINT:
            parts.append(render.element("p", escape(texts.NOT_FOUND_HINT), "as-quiet-text"))
    elif turn.text:
        parts.append(render.answer_text(turn.text, turn.citations, turn=turn.id))
    if turn.stopped:
        parts.append(render.element("p", escape(texts.STOPPED), "as-quiet-text"))
    if turn.found:
        parts.append(render.citation_cards(turn.citations, turn.id))
    return "".join(parts)
