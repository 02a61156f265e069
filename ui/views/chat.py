"""The chat page: questions, streamed answers, citations that open."""

from __future__ import annotations

import streamlit as st

from ui import session, widgets
from ui.client import ApiError
from ui.session import Chat, Turn
from ui.views import attaching, composer, place, suggesting, turns, welcome

FRAME_SECONDS = 0.04
PICTURE_WIDTH = 160  # pixels


def page() -> None:
    """Draw the chat that is shown, its answer under way included."""
    status = session.attempt(session.status)
    composer.take_address()
    chat = session.current_chat()
    _remember(chat)
    _complaint()
    if isinstance(status, ApiError) and not chat.turns:
        widgets.failure(status, "status")
        return
    first = st.empty()  # emptied at once by the first question, and not only when its answer is complete
    if not isinstance(status, ApiError) and not chat.turns and not attaching.under_way():
        with first.container():
            if welcome.show(status):
                return
    answering = chat.answering
    clicked = widgets.clicked_citation(answering.id if answering else attaching.under_way())
    composer.show(answering, follow_up=bool(chat.turns))
    turns.show(chat, _again, _after)
    attaching.show()
    if answering:
        st.rerun()  # it is complete now: the ask bar has to know
    if clicked:
        _open(*clicked)


def _remember(chat: Chat) -> None:
    """Keep the chat in the address, so that loading the page again shows it again."""
    if st.query_params.get("chat", "") != chat.id:
        st.query_params.from_dict({"chat": chat.id} if chat.id else {})


def _complaint() -> None:
    """Show once what an action ended in."""
    error: ApiError | None = st.session_state.pop("complaint", None)
    if error is not None:
        widgets.notice(error.message, error.hint, kind="error")


def _open(turn_id: str, at: int) -> None:
    turn = session.find_turn(turn_id)
    if turn and 1 <= at <= len(turn.citations):
        place.open_place(turn.citations[at - 1], turn)


<<<<<<< HEAD
=======
def _turn(turn: Turn, *, is_last: bool) -> None:
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
            widgets.failure(turn.error, turn.id, lambda: _again(turn))
        if turn.stored:
            _actions(turn, is_last=is_last)
        if is_last and not attaching.under_way():
            suggesting.after(turn)


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


def _actions(turn: Turn, *, is_last: bool) -> None:
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
                on_click=lambda: session.regenerate(turn, composer.chosen_mode(), composer.chosen_model()),
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


>>>>>>> chat
def _again(turn: Turn) -> None:
    """Answer a turn's question again, as the pickers have it now."""
    session.regenerate(turn, composer.chosen_mode(), composer.chosen_model())


def _after(turn: Turn) -> None:
    """Draw what could be asked next, unless a question is about to be."""
    if not attaching.under_way():
        suggesting.after(turn)
