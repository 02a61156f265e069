"""Asks the person about calls that change something or go outside: do it, do it otherwise, or do not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from ui import render, session, tool_texts, widgets
from ui.answering import Turn
from ui.client import ApiError
from ui.models import ToolUse
from ui.tool_html import written

LINE = 80  # characters of a text that fit on a line


def ask(turn: Turn) -> None:
    """Draw a form for each call of the turn that waits for the person."""
    for use in turn.waiting:
        with st.container(border=True, key=f"approval-{turn.id}-{use.id}"):
            st.html(render.element("h3", escape(tool_texts.wants(use.name)), "as-heading"))
            st.html(
                render.element(
                    "p", escape(tool_texts.APPROVAL_HELP if use.writes else tool_texts.OUTWARD_HELP), "as-quiet-text"
                )
            )
            with st.form(_key(turn, use, "form"), border=False):
                for name, value in use.arguments.items():
                    _field(_key(turn, use, name), name, value)
                st.text_input(tool_texts.WHY, key=_key(turn, use, "", "why"), placeholder=tool_texts.WHY_PLACEHOLDER)
                with st.container(horizontal=True, horizontal_alignment="right"):
                    st.form_submit_button(tool_texts.REJECT, on_click=_reject, args=(turn, use))
                    st.form_submit_button(tool_texts.APPROVE, type="primary", on_click=_approve, args=(turn, use))
    if turn.waiting:
        widgets.notice(tool_texts.WAITING, kind="quiet")


def _key(turn: Turn, use: ToolUse, name: str, kind: str = "argument") -> str:
    return f"approval-{kind}-{turn.id}-{use.id}-{name}"


def _field(key: str, name: str, value: Any) -> None:
    """Draw the input for one argument, by what the model gave."""
    label = render.plain(name)
    if isinstance(value, bool):
        st.checkbox(label, value=value, key=key)
        return
    text = written(value)
    draw = st.text_input if len(text) <= LINE and "\n" not in text else st.text_area
    draw(label, value=text, key=key)


def _approve(turn: Turn, use: ToolUse) -> None:
    try:
        arguments = {name: _given(turn, use, name, value) for name, value in use.arguments.items()}
    except ApiError as error:
        session.complain(error)
        return
    session.decide(turn, use.id, {"approved": True, **_changed(use.arguments, arguments)})


def _reject(turn: Turn, use: ToolUse) -> None:
    reason = str(st.session_state.get(_key(turn, use, "", "why")) or "").strip()
    session.decide(turn, use.id, {"approved": False, "reason": reason})


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {} if before == after else {"arguments": after}


def _given(turn: Turn, use: ToolUse, name: str, before: Any) -> Any:
    """Return an argument as the form has it.

    Raises:
        ApiError: it is no text and not JSON either.
    """
    value = st.session_state.get(_key(turn, use, name), before)
    if isinstance(before, (str, bool)):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise ApiError(tool_texts.not_json(name), tool_texts.NOT_JSON_HINT) from error
