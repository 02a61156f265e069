"""The turns of the chat that is shown: questions, streamed answers, and what can be done with them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from html import escape

import streamlit as st

from ui import render, session, texts, tool_html, tool_texts, widgets
from ui.client import ApiError
from ui.session import Chat, Turn
from ui.views import approvals

FRAME_SECONDS = 0.04
PICTURE_WIDTH = 160  # pixels
Again = Callable[[Turn], None]
After = Callable[[Turn], None]


def show(chat: Chat, again: Again, after: After) -> None:
    """Draw the turns; the one that is being answered is drawn until its answer is complete.

    Args:
        chat: whose turns.
        again: answers a turn again, as the pickers have it.
        after: draws what comes below the last turn.
    """
    for turn in chat.turns:
        _turn(turn, again, is_last=turn is chat.turns[-1])
    if chat.turns:
        after(chat.turns[-1])


def _turn(turn: Turn, again: Again, *, is_last: bool) -> None:
    question = render.element("span", escape(texts.YOU), "as-hidden") + escape(turn.question)
    with st.container(key=f"turn-{turn.id}"):
        if st.session_state.get("editing") == turn.id and turn.done:
            _editor(turn)
        else:
            st.html(render.element("h2", question, "as-question"))
        _attached(turn)
        body = st.empty()
        while not turn.done:
            body.html(_under_way(turn))
            time.sleep(FRAME_SECONDS)
        if shown := _answered(turn):
            body.html(shown)
        approvals.ask(turn)
        if turn.error:
            widgets.failure(turn.error, turn.id, lambda: _retry(turn))
        if turn.stored:
            _actions(turn, again, is_last=is_last)


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


def _actions(turn: Turn, again: Again, *, is_last: bool) -> None:
    """Draw the way to the turn's other versions, and under the last one the ways to make another."""
    versions = turn.stored.versions if turn.stored else ()
    if not is_last and len(versions) < 2:
        return
    with st.container(key=f"actions-{turn.id}", horizontal=True, vertical_alignment="center", gap=None):
        if len(versions) > 1 and turn.id in versions:
            _versions(turn.id, versions)
        if is_last:
            st.button(
                "",
                key=f"again-{turn.id}",
                icon=":material/refresh:",
                type="tertiary",
                help=texts.REGENERATE,
                on_click=again,
                args=(turn,),
            )
            st.button(
                "", key=f"edit-{turn.id}", icon=":material/edit:", type="tertiary", help=texts.EDIT,
                on_click=_edit, args=(turn.id,),
            )  # fmt: skip


def _versions(turn_id: str, versions: Sequence[str]) -> None:
    place = versions.index(turn_id)
    for step, icon, help_text in (
        (-1, ":material/chevron_left:", texts.FORMER_VERSION),
        (1, ":material/chevron_right:", texts.NEXT_VERSION),
    ):
        if step == 1:
            count = escape(texts.version(place + 1, len(versions)))
            st.html(render.element("span", count, "as-quiet-text"), width="content")
        there = 0 <= place + step < len(versions)
        st.button(
            "",
            key=f"version-{step}-{turn_id}",
            icon=icon,
            type="tertiary",
            help=help_text,
            disabled=not there,
            on_click=session.show_version,
            args=(versions[place + step] if there else turn_id,),
        )


def _edit(turn_id: str) -> None:
    st.session_state.editing = turn_id


def _editor(turn: Turn) -> None:
    """Draw the form in which the question is asked otherwise."""
    with st.form(f"editor-{turn.id}"):
        st.text_area(texts.EDITED_QUESTION, value=turn.question, max_chars=8_000, key=f"edited-{turn.id}")
        with st.container(horizontal=True, horizontal_alignment="right"):
            st.form_submit_button(texts.CANCEL_EDIT, on_click=_edit, args=("",))
            st.form_submit_button(texts.ASK_EDITED, type="primary", on_click=_edited, args=(turn,))


def _edited(turn: Turn) -> None:
    question = str(st.session_state.get(f"edited-{turn.id}") or "").strip()
    if question:
        _edit("")
        session.edit(turn, question)


def _retry(turn: Turn) -> None:
    if turn.stored:
        session.regenerate(turn, turn.mode, turn.model)
        return
    session.current_chat().turns.remove(turn)
    session.ask(turn.question, turn.mode, turn.scope, turn.model, turn.files)


def _under_way(turn: Turn) -> str:
    if turn.plan is None:
        return _doing(texts.LOOKING)
    so_far = _plan(turn) + render.notes(turn.plan.notes) + tool_html.tool_uses(tuple(turn.tools.values()), ended=False)
    if not turn.text:
        return so_far + _doing(tool_texts.WORKING if turn.tools else texts.plan_sentence(turn.plan))
    return so_far + render.answer_text(turn.text, turn.citations, turn=turn.id, live=True)


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
    parts = [_plan(turn), render.notes(turn.stored.notes if turn.stored else ())]
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
