"""Files that came into the field for a question without one: they wait there until they are asked about."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from html import escape

import streamlit as st

from ui import ask_texts, render, session
from ui.answering import Chat, Files

_KEY = "unasked"


@dataclass(slots=True)
class Unasked:
    """The files that wait for a question of a chat. It is changed in place: nothing can end the script there."""

    chat: Chat
    by_id: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    @property
    def files(self) -> Files:
        """Their names and bytes."""
        return tuple(self.by_id.values())

    def add(self, files: Files) -> None:
        """Let more of them wait."""
        self.by_id |= {uuid.uuid4().hex[:12]: one for one in files}

    def drop(self, one: str) -> None:
        """Let this one wait no more."""
        self.by_id.pop(one, None)

    def forget(self) -> None:
        """Let none of them wait any more."""
        self.by_id = {}


def kept() -> Unasked:
    """Return what waits for a question of the chat that is shown.

    What waits in other chats stays there; only a chat without a question cannot be come back to.
    """
    every: tuple[Unasked, ...] = st.session_state.get(_KEY, ())
    shown = next((one for one in every if session.is_shown(one.chat)), None)
    if shown is None:
        shown = Unasked(session.current_chat())
        st.session_state[_KEY] = (*(one for one in every if one.by_id and one.chat.id), shown)
    return shown


def chips() -> None:
    """Draw the files that wait, each with a way to let go of it."""
    held = kept()
    if not held.by_id:
        return
    with st.container(key="unasked-files", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(render.element("span", escape(ask_texts.UNASKED), "as-quiet-text", role="status"), width="content")
        for one, (name, _) in list(held.by_id.items()):
            st.button(
                render.plain(name),
                key=f"unasked-{one}",
                icon=":material/close:",
                icon_position="right",
                help=ask_texts.UNASKED_DROP,
                on_click=held.drop,
                args=(one,),
            )
