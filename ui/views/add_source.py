"""Adds a source of any kind: its configuration by the form that its plugin describes, its schedule and its readers."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from ui import (
    access_texts,
    admin_texts,
    forms,
    held,
    navigation,
    render,
    schemas,
    session,
    source_texts,
    texts,
    widgets,
)
from ui.client import ApiError
from ui.models import Json
from ui.views import access, schedule_picker, source_settings

_FIRST = "folder"  # what most begin with
_EVERY_HOUR = "every 1h"


def page() -> None:
    """Draw the choice of a kind, and the form for it."""
    navigation.link("sources", texts.SOURCES, icon=":material/arrow_back:")
    st.html(render.element("h1", escape(source_texts.ADD_SOURCE), "as-heading"))
    kinds = source_settings.kinds()
    if isinstance(kinds, ApiError):
        widgets.failure(kinds, "source-kinds")
        return
    names = sorted((name for name, schema in kinds.items() if schema), key=lambda name: (name != _FIRST, name))
    if not names:
        widgets.notice(source_texts.NO_KINDS, source_texts.NO_KINDS_HINT, kind="quiet")
        return
    kind = st.selectbox(
        admin_texts.KIND,
        names,
        index=None,
        key="source-kind",
        placeholder=admin_texts.CHOOSE_KIND,
        format_func=source_texts.kind_name,
    )
    if kind is not None:
        _form(str(kind), kinds[kind])


def _form(kind: str, schema: Json) -> None:
    if schema.get("description"):
        st.html(render.element("p", escape(str(schema["description"])), "as-quiet-text"))
    fields = schemas.fields_of(schema)
    wrong: dict[str, str] = st.session_state.setdefault(f"wrong-new-{kind}", {})
    line, zone = schedule_picker.pick(f"new-{kind}", _EVERY_HOUR)
    with st.form(f"add-source-{kind}", border=False, enter_to_submit=False):
        name = st.text_input(
            admin_texts.SOURCE_NAME, key=f"source-name-{kind}", help=admin_texts.SOURCE_NAME_HELP, max_chars=100
        )
        filled = forms.draw(fields, f"source-{kind}", errors=wrong)
        default, rules = _readers(kind)
        with st.container(horizontal=True, gap="small"):
            given = held.filled(*(f"source-{part}{kind}" for part in ("", "name-", "readers-", "rules-")))
            sent = held.submit(admin_texts.ADD_THIS, f"add-source-{kind}", given, type="primary", icon=":material/add:")
            tried = held.submit(admin_texts.TEST, f"try-source-{kind}", given, icon=":material/network_check:")
    if not sent and not tried:
        return
    config = source_settings.config_from(fields, filled, wrong)
    if config is None:
        held.clear()
        st.rerun()
    readers = _rule(default, rules)
    if config is None or readers is None:
        return
    if sent is None and tried is not None:
        api = session.client()
        with st.spinner(source_texts.TRYING, show_time=True):
            trial = held.do(tried, lambda: api.try_source(kind, config, readers))
        source_settings.show_trial(trial, fields, wrong)
        return
    asked = {"config": config, "schedule": line or None, "time_zone": zone, "readers": readers}
    _add(sent or held.Wish(), name.strip(), kind, asked, wrong)


def _readers(kind: str) -> tuple[str, str]:
    """Draw who may read: a default for all documents, and rules for some."""
    default = st.text_input(
        texts.READERS, key=f"source-readers-{kind}", placeholder=texts.READERS_PLACEHOLDER, help=texts.READERS_HELP
    )
    with st.expander(source_texts.READERS_RULES, key=f"source-rules-open-{kind}"):
        rules = st.text_area(
            access_texts.RULES,
            key=f"source-rules-{kind}",
            placeholder=access_texts.RULES_PLACEHOLDER,
            help=access_texts.RULES_HELP,
        )
        st.html(render.element("p", escape(source_texts.READERS_TEST), "as-quiet-text"))
    return default, rules


def _rule(default: str, rules: str) -> dict[str, Any] | None:
    """Return the rule of readers that was filled in, empty for everyone; None where a line of it is wrong."""
    try:
        lines = [access.rule_of(line) for line in access.lines_of(rules)]
    except ValueError as error:
        widgets.notice(access_texts.wrong_line(str(error)), kind="error")
        return None
    groups = source_settings.groups_of(default)
    rule: dict[str, Any] = {"default": groups} if groups else {}
    return {**rule, "rules": lines} if lines else rule


def _add(wish: held.Wish, name: str, kind: str, given: dict[str, Any], wrong: dict[str, str]) -> None:
    if not name:
        widgets.notice(admin_texts.field_missing(admin_texts.SOURCE_NAME), kind="error")
        return
    api = session.client()
    with st.spinner(source_texts.TRYING, show_time=True):
        outcome = held.do(wish, lambda: api.add_source(name, kind, given.pop("config"), **given))
    if isinstance(outcome, ApiError):
        known = source_settings.kinds()
        fields = () if isinstance(known, ApiError) else schemas.fields_of(known[kind])
        source_settings.refused(outcome, fields, wrong)
        return
    st.session_state.said = texts.added(name)
    st.session_state.pop("source-kind", None)
    session.expect_run()
    st.query_params.from_dict({"source": name})
    st.rerun()
