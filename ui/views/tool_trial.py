"""A call of a configured tool that an admin makes, to see what it says."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import forms, held, render, schemas, session, trial_texts, widgets
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
        key = f"trial-call-{tool.name}-{chosen}"
        given = held.filled(f"trial-{tool.name}-{chosen}", f"trial-agreed-{tool.name}-{chosen}")
        wish = held.submit(trial_texts.CALL, key, given, icon=":material/play_arrow:")
    called: dict[str, tuple[str, float] | ApiError] = st.session_state.setdefault("called-tools", {})
    if wish is not None:
        called.pop(key, None)
        try:
            arguments = schemas.config_of(fields, filled)
        except schemas.FieldError as error:
            held.drop(key)
            widgets.notice(str(error), kind="error")
            return
        _call(wish, called, tool, offered, arguments, agreed=agreed and asks)
    if key in called:
        _show(called[key])


def _call(
    wish: held.Wish,
    called: dict[str, tuple[str, float] | ApiError],
    tool: Tool,
    offered: OfferedTool,
    arguments: dict[str, object],
    *,
    agreed: bool,
) -> None:
    """Make the call once, and keep what came of it: a run that is given up after it is not to make it again."""
    api = session.client()
    with st.spinner(trial_texts.CALLING):
        called[f"trial-call-{tool.name}-{offered.name}"] = held.do(
            wish, lambda: api.call_tool(tool.name, offered.name, arguments, agreed=agreed)
        )


def _show(outcome: tuple[str, float] | ApiError) -> None:
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    text, seconds = outcome
    st.html(
        render.element("div", escape(text or trial_texts.NOTHING_SAID), "as-text")
        + render.element("p", escape(trial_texts.took(seconds)), "as-quiet-text", role="status")
    )
