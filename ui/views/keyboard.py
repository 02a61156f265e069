"""The keys of the chat, and the list of them."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import ask_texts, place_texts, render, widgets
from ui.views import dialogs

_KEYS = "keys"


def listen(*, asked: bool = False) -> None:
    """Hear the keys, and show the list of them where it is asked for.

    Args:
        asked: whether it is asked for by a click.
    """
    if widgets.wanted_help() or asked:
        dialogs.want(_KEYS)
    if dialogs.wanted()[0] == _KEYS:
        st.dialog(ask_texts.KEYS, on_dismiss=dialogs.close)(_show)()


def _show() -> None:
    rows = (
        (ask_texts.KEY_FOCUS, (("/",), ("Ctrl", "K"))),
        (ask_texts.KEY_SEND, (("Enter",),)),
        (ask_texts.KEY_LINE, (("Shift", "Enter"),)),
        (ask_texts.KEY_EDIT, (("\u2191",),)),
        (ask_texts.KEY_STOP, (("Esc",),)),
        (place_texts.KEY_LEAF, (("n",), ("p",))),
        (place_texts.KEY_CLOSE, (("Esc",),)),
        (ask_texts.KEY_NEW, (("Ctrl", "Shift", "O"),)),
        (ask_texts.KEY_HELP, (("?",),)),
    )
    body = "".join(
        render.element("dt", escape(what)) + render.element("dd", " / ".join(map(_keys, ways))) for what, ways in rows
    )
    st.html(render.element("dl", body, "as-keys"))


def _keys(together: tuple[str, ...]) -> str:
    return " ".join(render.element("kbd", escape(key)) for key in together)
