"""Questions that a click asks: first ones in an empty chat, and further ones under the newest answer."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from ui import ask_texts, render, session, texts
from ui.answering import Turn
from ui.client import ApiError
from ui.composing_calls import Suggested
from ui.views import composer, scope_picker

FIRST, NEXT = 4, 3


def first() -> None:
    """Draw what could be asked first; of the document that is asked about, where it is one."""
    about = next(iter(scope_picker.about()), None)
    found = session.attempt(lambda: session.client().suggestions(FIRST, about))
    if not isinstance(found, ApiError):
        _draw(texts.TRY_ONE, "first", found)


def after(turn: Turn) -> None:
    """Draw what could be asked after a turn; asked for at each drawing, so that it shows only what may be read now."""
    if not (turn.done and turn.stored and turn.found and turn.citations) or turn.waiting:
        return
    chat = session.current_chat().id
    found = session.attempt(lambda: session.client().next_suggestions(chat, turn.id, NEXT))
    if not isinstance(found, ApiError):
        _draw(ask_texts.GO_ON, f"next-{turn.id}", found)


def _draw(title: str, key: str, found: Sequence[Suggested]) -> None:
    if not found:
        return
    is_first = key == "first"
    with st.container(key=f"suggestions-{key}", gap=None):
        st.html(render.element("h2", escape(title), "as-label"))
        for index, one in enumerate(found):
            question = ask_texts.question(one.document.title, one.heading, index)
            st.button(
                render.plain(question),
                key=f"suggestion-{index}" if is_first else f"suggestion-{key}-{index}",
                icon=":material/arrow_forward:" if is_first else ":material/subdirectory_arrow_right:",
                type="secondary" if is_first else "tertiary",
                width="stretch",
                on_click=composer.ask,
                args=(question,),
            )
