"""The turns of the chat that is shown: questions, streamed answers, and what can be done with them."""

from __future__ import annotations

import time
from collections.abc import Callable
from html import escape

import streamlit as st

from ui import render, session, talk_texts, texts, told, tool_html, tool_texts, widgets
from ui.answering import Chat, Turn
from ui.client import ApiError
from ui.views import approvals, dialogs, turn_actions
from ui.views.turn_actions import Again

FRAME_SECONDS, LOOK_SECONDS = 0.03, 0.1  # between two frames; at most, where nothing comes
SHOWN, MORE = 12, 25  # turns
PICTURE_WIDTH = 160  # pixels
After = Callable[[Turn], None]


def show(chat: Chat, again: Again, after: After) -> None:
    """Draw the turns; the one that is being answered is drawn until its answer is complete.

    Args:
        chat: whose turns.
        again: answers a turn again, as the pickers have it.
        after: draws what comes below the last turn.
    """
    if not chat.turns:
        return
    drawn = _drawn(chat)
    turn_actions.listen(opened=chat.id, last=chat.turns[-1].id, anchor=st.session_state.get("turns-anchor", ""))
    for turn in drawn:
        _turn(turn, again, is_last=turn is chat.turns[-1])
    after(chat.turns[-1])


def _drawn(chat: Chat) -> list[Turn]:
    """Return the turns that are drawn: the last ones, and earlier ones as far as they are asked for."""
    known, number = st.session_state.get("turns-shown", ("", SHOWN))
    number = max(number if known == chat.id else SHOWN, len(chat.turns) - _place_of_edited(chat))
    hidden = len(chat.turns) - number
    if hidden > 0:
        st.button(
            talk_texts.earlier(hidden),
            key="earlier-turns",
            icon=":material/expand_less:",
            type="tertiary",
            on_click=_earlier,
            args=(chat.id, number, chat.turns[hidden].id),
        )
    return chat.turns[-number:]


def _place_of_edited(chat: Chat) -> int:
    edited = st.session_state.get("editing")
    return next((at for at, turn in enumerate(chat.turns) if turn.id == edited), len(chat.turns))


def _earlier(chat_id: str, number: int, first: str) -> None:
    st.session_state["turns-shown"] = (chat_id, number + MORE)
    st.session_state["turns-anchor"] = first  # what was read stays where it is


def _turn(turn: Turn, again: Again, *, is_last: bool) -> None:
    question = render.element("span", escape(texts.YOU), "as-hidden") + escape(turn.question)
    with st.container(key=f"turn-{turn.id}"):
        if st.session_state.get("editing") == turn.id and turn.done:
            _editor(turn)
        else:
            st.html(render.element("h2", question, "as-question"))
        _attached(turn)
        if not turn.done and _beside_dialog():
            _looked_at(turn)
            return
        body = st.empty()
        while not turn.done:
            turn.news.clear()
            body.html(_under_way(turn))  # also where nothing is new: it is here that a click is noticed
            drawn = time.monotonic()
            turn.news.wait(LOOK_SECONDS)
            time.sleep(max(0.0, drawn + FRAME_SECONDS - time.monotonic()))
        if shown := _answered(turn):
            body.html(shown)
        approvals.ask(turn)
        if turn.error:
            widgets.failure(turn.error, turn.id, lambda: _retry(turn))
        if turn.stored and not turn.waiting:
            turn_actions.show(turn, again, is_last=is_last)


def _beside_dialog() -> bool:
    """Return whether a dialog is open: what is done in it waits for a script that draws an answer to its end."""
    kind, subject = dialogs.wanted()
    return bool(kind) and (kind != turn_actions.WHY or session.find_turn(subject) is not None)


@st.fragment(run_every=LOOK_SECONDS)
def _looked_at(turn: Turn) -> None:
    """Draw the answer that is under way, as far as it has come."""
    if turn.done:
        st.rerun()
    st.html(_under_way(turn))


def _attached(turn: Turn) -> None:
    """Show the pictures that belong to the question."""
    attached = turn.stored.attached if turn.stored else ()
    if not attached:
        return
    with st.container(key=f"attached-{turn.id}", horizontal=True, gap="small"):
        for number, name in attached:
            image = session.attachment(turn, number)
            if isinstance(image, ApiError):
                widgets.failure(image, f"attached-{turn.id}-{number}")
            else:
                st.image(image, caption=render.plain(name), width=PICTURE_WIDTH)


def _editor(turn: Turn) -> None:
    """Draw the form in which the question is asked otherwise."""
    with st.form(f"editor-{turn.id}"):
        st.text_area(texts.EDITED_QUESTION, value=turn.question, max_chars=8_000, key=f"edited-{turn.id}")
        with st.container(horizontal=True, horizontal_alignment="right"):
            st.form_submit_button(texts.CANCEL_EDIT, on_click=turn_actions.edit, args=("",))
            busy = session.current_chat().answering is not None
            st.form_submit_button(texts.ASK_EDITED, type="primary", on_click=_edited, args=(turn,), disabled=busy)


def _edited(turn: Turn) -> None:
    question = str(st.session_state.get(f"edited-{turn.id}") or "").strip()
    if question and session.edit(turn, question):
        turn_actions.edit("")  # only now: what was typed is not lost where it is not taken


def _retry(turn: Turn) -> None:
    shown = session.current_chat().turns
    if turn not in shown:  # a second click, while the first one was worked on
        return
    if turn.stored:
        session.regenerate(turn, turn.mode, turn.model)
        return
    session.ask(turn.question, turn.mode, turn.scope, turn.model, turn.files)
    if shown[-1] is not turn:
        shown.remove(turn)


def _under_way(turn: Turn) -> str:
    lost = _doing(talk_texts.LOST) if turn.lost else ""
    if turn.plan is None:
        return lost or _doing(texts.LOOKING)
    so_far = (
        _plan(turn)
        + render.notes(told.notes(turn.plan.notes))
        + tool_html.tool_uses(tuple(turn.tools.values()), ended=False)
    )
    if not turn.text:
        return so_far + (lost or _doing(tool_texts.WORKING if turn.tools else texts.plan_sentence(turn.plan)))
    return so_far + lost + render.answer_text(turn.text, turn.citations, turn=turn.id, live=True)


def _doing(what: str) -> str:
    return render.element("p", escape(what), "as-doing", role="status")


def _plan(turn: Turn) -> str:
    if turn.plan is None:
        return ""
    stored = turn.stored
    if stored is None or not turn.done:
        return render.plan_details(turn.plan, turn.plan.model, {}, {}, standalone=turn.plan.question)
    return render.plan_details(
        turn.plan, stored.model, stored.usage, stored.timings, standalone=stored.standalone, hidden=stored.hidden
    )


def _answered(turn: Turn) -> str:
    parts = [_plan(turn), render.notes(told.notes(turn.stored.notes, turn.stored.state) if turn.stored else ())]
    parts.append(tool_html.tool_uses(tuple(turn.tools.values()), ended=True))
    if not turn.found:
        said = turn.text.strip() or texts.NOT_FOUND_HINT
        parts.append(render.notice(texts.NOT_FOUND, "" if said == render.WITHDRAWN else said, kind="quiet"))
        if said != texts.NOT_FOUND_HINT:
            parts.append(render.element("p", escape(texts.NOT_FOUND_HINT), "as-quiet-text"))
    elif turn.text:
        parts.append(render.answer_text(turn.text, turn.citations, turn=turn.id))
    parts += [render.element("p", escape(remark), "as-quiet-text") for remark in _remarks(turn)]
    if turn.found:
        parts.append(render.citation_cards(turn.citations, turn.id, turn.stored.withdrawn if turn.stored else ()))
    return "".join(parts)


def _remarks(turn: Turn) -> list[str]:
    """Return what has to be known of an answer's end and of what it lacks."""
    stored = turn.stored
    if stored is None:
        return []
    said = {"stopped": [texts.STOPPED], "interrupted": [texts.INTERRUPTED]}.get(stored.state, [])
    withdrawn = [texts.WITHDRAWN_NOTE] if stored.withdrawn or render.WITHDRAWN in stored.text else []
    forgotten = [texts.forgotten(stored.forgotten)] if stored.forgotten else []
    return [*said, *withdrawn, *forgotten]
