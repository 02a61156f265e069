"""Files that came into the field for a question without one: they wait there until they are asked about."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import streamlit as st

from ui import ask_texts, render, session
from ui.answering import Chat, Files

_KEY = "unasked"


@dataclass(frozen=True, slots=True)
class _Unasked:
    chat: Chat
    files: Files


def keep(files: Files) -> None:
    """Keep files for the next question of the chat that is shown, beside those that wait already."""
    st.session_state[_KEY] = _Unasked(session.current_chat(), (*waiting(), *files))


def waiting() -> Files:
    """Return what waits for a question of the chat that is shown."""
    kept: _Unasked | None = st.session_state.get(_KEY)
    return kept.files if kept is not None and kept.chat is session.current_chat() else ()


def forget() -> None:
    """Let go of what waits."""
    st.session_state.pop(_KEY, None)


def chips() -> None:
    """Draw the files that wait, each with a way to let go of it."""
    files = waiting()
    if not files:
        return
    with st.container(key="unasked-files", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(render.element("span", escape(ask_texts.UNASKED), "as-quiet-text", role="status"), width="content")
        for number, (name, _) in enumerate(files):
            st.button(
                render.plain(name),
                key=f"unasked-{number}",
                icon=":material/close:",
                icon_position="right",
                help=ask_texts.UNASKED_DROP,
                on_click=_drop,
                args=(number,),
            )


def _drop(number: int) -> None:
    files = waiting()
    st.session_state[_KEY] = _Unasked(session.current_chat(), files[:number] + files[number + 1 :])
