"""A call of a configured tool that an admin makes, to see what it says."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import forms, render, schemas, session, trial_texts, widgets
from ui.client import ApiError
from ui.tools import OfferedTool, Tool


@st.fragment
def draw(tool: Tool) -> None:
    """Draw the form of a call of one of what the tool offers, and what came of it."""
    names = [one.name for one in tool.offered]
    chosen = names[0]
    if len(names) > 1:
        chosen = st.selectbox(trial_texts.TOOL, names, key=f"trial-tool-{tool.name}")
    offered = next(one for one in tool.offered if one.name == chosen)
    fields = schemas.fields_of(offered.parameters)
    asks = offered.writes or offered.reaches_out
    with st.form(f"trial-call-{tool.name}-{chosen}", border=False, enter_to_submit=False):
        filled = forms.draw(fields, f"trial-{tool.name}-{chosen}")
        if not fields:
            st.html(render.element("p", escape(trial_texts.NO_ARGUMENTS), "as-quiet-text"))
        agreed = not asks
        if asks:
            said = trial_texts.AGREE_WRITES if offered.writes else trial_texts.AGREE_OUT
            agreed = st.checkbox(trial_texts.AGREE, key=f"trial-agreed-{tool.name}-{chosen}", help=said)
            st.html(render.element("p", escape(said), "as-caution"))
        sent = st.form_submit_button(trial_texts.CALL, icon=":material/play_arrow:")
    if not sent:
        return
    try:
        arguments = schemas.config_of(fields, filled)
    except schemas.FieldError as error:
        widgets.notice(str(error), kind="error")
        return
    _call(tool, offered, arguments, agreed=agreed and asks)


def _call(tool: Tool, offered: OfferedTool, arguments: dict[str, object], *, agreed: bool) -> None:
    with st.spinner(trial_texts.CALLING):
        outcome = session.attempt(lambda: session.client().call_tool(tool.name, offered.name, arguments, agreed=agreed))
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    text, seconds = outcome
    st.html(
        render.element("div", escape(text or trial_texts.NOTHING_SAID), "as-text")
        + render.element("p", escape(trial_texts.took(seconds)), "as-quiet-text", role="status")
    )
