"""The chat page: questions, streamed answers, citations that open."""

from __future__ import annotations

import streamlit as st

from ui import session, widgets
from ui.answering import Chat, Turn
from ui.client import ApiError
from ui.opened import Group
from ui.views import attaching, composer, place, suggesting, turns, welcome


def page() -> None:
    """Draw the chat that is shown, its answer under way included."""
    status = session.attempt(session.status)
    composer.take_address()
    chat = session.current_chat()
    _remember(chat)
    widgets.complaint()
    if isinstance(status, ApiError) and not chat.turns:
        widgets.failure(status, "status")
        return
    if chat.unread is not None:
        widgets.failure(chat.unread, "chat", session.open_again)
        return
    first = st.empty()  # emptied at once by the first question, and not only when its answer is complete
    if not isinstance(status, ApiError) and not chat.turns and not attaching.under_way():
        with first.container():
            if welcome.show(status):
                return
    answering = chat.answering
    place.panel(_places, newest=answering.id if answering else attaching.under_way(), busy=answering is not None)
    composer.show(answering, follow_up=bool(chat.turns))
    turns.show(chat, _again, _after)
    attaching.show()
    attaching.elsewhere()
    if answering and answering.done:
        st.rerun()  # the ask bar has to know


def _remember(chat: Chat) -> None:
    """Keep the chat in the address, so that loading the page again shows it again."""
    if st.query_params.get("chat", "") != chat.id:
        st.query_params.from_dict({"chat": chat.id} if chat.id else {})


def _places(turn_id: str) -> Group | None:
    """Return the citations of a turn, for the panel."""
    turn = session.find_turn(turn_id)
    return Group(turn.citations, turn) if turn else None


def _again(turn: Turn) -> None:
    """Answer a turn's question again, as the pickers have it now."""
    session.regenerate(turn, composer.chosen_mode(), composer.chosen_model())


def _after(turn: Turn) -> None:
    """Draw what could be asked next, unless a question is about to be."""
    if not attaching.under_way():
        suggesting.after(turn)
