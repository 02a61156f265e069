"""The form that adds a source of any kind, made from the schema of its configuration."""

from __future__ import annotations

import streamlit as st

from ui import admin_texts, forms, schemas, session, texts, widgets
from ui.client import ApiError

_OWN_FORM = "folder"  # has a simpler one


def form() -> None:
    """Show the form; when it was sent, the source is there and its first sync has started."""
    kinds = session.attempt(session.client().source_kinds)
    if isinstance(kinds, ApiError):
        widgets.failure(kinds, "source-kinds")
        return
    others = sorted(name for name, schema in kinds.items() if schema and name != _OWN_FORM)
    kind = st.selectbox(admin_texts.KIND, others, index=None, key="source-kind", placeholder=admin_texts.CHOOSE_KIND)
    if kind is None:
        return
    fields = schemas.fields_of(kinds[kind])
    with st.form(f"add-source-{kind}", border=False, enter_to_submit=False):
        left, right = st.columns(2)
        name = left.text_input(
            admin_texts.SOURCE_NAME, key=f"source-name-{kind}", help=admin_texts.SOURCE_NAME_HELP, max_chars=100
        )
        schedule = right.selectbox(texts.SCHEDULE, list(texts.SCHEDULES), key=f"source-schedule-{kind}")
        readers = st.text_input(
            texts.READERS,
            key=f"source-readers-{kind}",
            placeholder=texts.READERS_PLACEHOLDER,
            help=texts.READERS_HELP,
        )
        filled = forms.draw(fields, f"source-{kind}")
        sent = st.form_submit_button(admin_texts.ADD_THIS, type="primary", icon=":material/add:")
    if not sent:
        return
    try:
        config = schemas.config_of(fields, filled)
    except schemas.FieldError as error:
        widgets.notice(str(error), kind="error")
        return
    groups = [group.strip() for group in readers.split(",") if group.strip()]
    outcome = session.attempt(
        lambda: session.client().add_source(
            name.strip(), kind, config, schedule=texts.SCHEDULES[schedule] or None, readers=groups
        )
    )
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    st.session_state.said = texts.added(name.strip())
    st.session_state.pop("source-kind", None)
    session.expect_run()
    st.rerun()
