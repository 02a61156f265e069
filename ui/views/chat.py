"""The chat page: the field for a question, and the turns of the chat that is shown."""

from __future__ import annotations

import streamlit as st

from ui import session, widgets
from ui.client import ApiError
from ui.session import Chat, Turn
from ui.views import attaching, composer, place, turns, welcome


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
    turns.show(chat, _again)
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


def _again(turn: Turn) -> None:
    """Answer a question again, as the pickers have it."""
    session.regenerate(turn, composer.chosen_mode(), composer.chosen_model())
