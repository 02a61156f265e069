"""Says in the options what the question in the field would read, without asking it."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from ui import ask_texts, held, render, session, told, widgets
from ui.client import ApiError
from ui.composing_calls import Estimated

_KEPT = "estimate"


def draw(asked: dict[str, Any]) -> None:
    """Draw the estimate with its button. The words in the field are the browser's, which tells them with the click.

    Args:
        asked: the question's mode, model and scope, as the API takes them.
    """
    button = render.element("button", escape(ask_texts.ESTIMATE), "as-button", type="button", data_estimate="1")
    st.html(render.element("div", button, title=ask_texts.ESTIMATE_HELP))
    shown = st.container()
    widgets.hear_estimate(lambda draft: held.hold(_KEPT, draft))
    wish = held.wanted(_KEPT)
    api = session.client()
    with shown:
        if wish is not None:
            with st.spinner(ask_texts.ESTIMATING):
                made = held.do(wish, lambda: api.plan({**asked, "question": wish.given}))
            st.session_state[_KEPT] = (asked, made)
        _kept(asked)


def _kept(asked: dict[str, Any]) -> None:
    """Draw the last estimate, or that something else is chosen by now."""
    kept: tuple[dict[str, Any], Estimated | ApiError] | None = st.session_state.get(_KEPT)
    if kept is None:
        return
    of, made = kept
    if of != asked:
        st.html(render.element("p", escape(ask_texts.ESTIMATE_OLD), "as-quiet-text"))
    elif isinstance(made, ApiError):
        widgets.notice(made.message, made.hint, kind="error")
    else:
        st.html(_said(made))


def forget() -> None:
    """Forget the estimate: the question is asked."""
    st.session_state.pop(_KEPT, None)


def _said(made: Estimated) -> str:
    lines = [ask_texts.would_read(made.plan)] if made.plan else []
    lines.append(ask_texts.within(made.documents, made.tokens))
    body = "".join(render.element("p", escape(line), "as-quiet-text") for line in lines)
    notes = render.notes(told.notes(made.plan.notes)) if made.plan else ""
    return render.element("div", body + notes, "as-estimate", role="status")
