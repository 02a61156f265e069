"""The sidebar under the pages' links: the chats and what the assistant holds and runs on."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import navigation, render, session, texts
from ui.client import ApiError
from ui.models import Status
from ui.views import chats


def show(status: Status | ApiError) -> None:
    """Draw the sidebar."""
    with st.sidebar:
        if st.button(texts.NEW_CHAT, key="new-chat", icon=":material/edit_square:", width="stretch"):
            session.new_chat()
            st.session_state.pop("deleted_chat", None)
            navigation.go("chat")
        if not isinstance(status, ApiError):
            chats.show()
        with st.container(key="status-footer"):
            st.html(_status(status))


def _status(status: Status | ApiError) -> str:
    if isinstance(status, ApiError):
        line = _line("as-dot as-dot-off", texts.NOT_CONNECTED)
        return render.element("div", line, "as-status")
    rows = [
        (texts.MODEL, status.model),
        (texts.EMBEDDER, status.embedder),
        (texts.SIGNED_IN, status.user),
        (texts.VERSION, status.version),
    ]
    table = "".join(
        render.element("dt", escape(name)) + render.element("dd", escape(value)) for name, value in rows if value
    )
    summary = render.element("summary", _line("as-dot", texts.holdings(status)))
    return render.element("details", summary + render.element("dl", table, "as-facts"), "as-status")


def _line(dot: str, text: str) -> str:
    return render.element("span", "", dot, aria_hidden="true") + render.element("span", escape(text))
