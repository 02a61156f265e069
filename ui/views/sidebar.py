"""The sidebar under the pages' links: the chats of this session and what the assistant holds and runs on."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import navigation, render, session, texts
from ui.client import ApiError
from ui.models import Status

TITLE_CHARACTERS = 34


def show(status: Status | ApiError) -> None:
    """Draw the sidebar."""
    with st.sidebar:
        if st.button(texts.NEW_CHAT, key="new-chat", icon=":material/edit_square:", width="stretch"):
            session.new_chat()
            navigation.go("chat")
        _chats()
        with st.container(key="status-footer"):
            st.html(_status(status))


def _chats() -> None:
    held = [chat for chat in reversed(session.chats()) if chat.turns]
    if not held:
        return
    st.html(render.element("h2", escape(texts.CHATS), "as-label"))
    shown = session.current_chat().id
    with st.container(key="chat-list", gap=None):
        for chat in held:
            title = " ".join(chat.title.split())
            short = title if len(title) <= TITLE_CHARACTERS else title[: TITLE_CHARACTERS - 1].rstrip() + "\u2026"
            kind = "secondary" if chat.id == shown else "tertiary"
            if st.button(render.plain(short), key=f"chat-{chat.id}", width="stretch", type=kind):  # type: ignore[arg-type]
                session.open_chat(chat.id)
                navigation.go("chat")


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
