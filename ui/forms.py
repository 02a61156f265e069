"""Draws a form for a JSON schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from ui import admin_texts, formats, render, schemas, source_texts
from ui.models import Json
from ui.schemas import Field


def draw(
    fields: Sequence[Field],
    key: str,
    current: Json | None = None,
    *,
    errors: Mapping[str, str] | None = None,
    pointed: str = "",
) -> dict[str, Any]:
    """Draw the fields and return by name what they hold.

    Args:
        fields: the ones that need not be filled in come folded, but for secrets and what is set already.
        key: keeps the widgets of two forms apart.
        current: the configuration that is changed; None: a new one.
        errors: by a field's name, `GROUP.NAME` of one in a group, what is wrong with it, shown beneath it.
        pointed: the field that a link led to, `secrets` for all of them.
    """
    known, wrong = current or {}, errors or {}
    values = {field.name: known.get(field.name, field.default) for field in fields}
    folded = [
        field
        for field in fields
        if field.is_folded
        and not _is_pointed(field, pointed)
        and field.name not in wrong
        and not _within(field, wrong)
        and known.get(field.name, field.default) == field.default
    ]
    filled: dict[str, Any] = {}
    for field in fields:
        if field not in folded:
            filled[field.name] = _field(field, values[field.name], key, wrong, pointed)
    if folded:
        with st.expander(admin_texts.MORE_FIELDS, key=f"more-{key}"):
            for field in folded:
                filled[field.name] = _field(field, values[field.name], key, {}, "")
    return filled


def first_key(fields: Sequence[Field], key: str) -> str:
    """Return the key of the first widget that `draw` makes of these fields; empty where it makes none."""
    for field in fields:
        inner = f"{key}-{field.name}"
        found = first_key(field.inner, inner) if field.shape == "group" else inner
        if found:
            return found
    return ""


def _field(field: Field, value: Any, key: str, wrong: Mapping[str, str], pointed: str) -> Any:
    if _is_pointed(field, pointed):
        st.html(render.element("p", escape(source_texts.LOOK_HERE), "as-pointed"))
    made = _group(field, value, key, wrong) if field.shape == "group" else _widget(field, value, key)
    if error := wrong.get(field.name):
        st.html(render.element("p", escape(error), "as-error-text", role="alert"))
    return made


def _is_pointed(field: Field, pointed: str) -> bool:
    return field.name == pointed or (pointed == "secrets" and (field.shape == "secret" or field.secret))


def _group(field: Field, value: Any, key: str, wrong: Mapping[str, str]) -> dict[str, Any]:
    with st.container(border=True):
        st.html(render.element("h3", escape(field.label), "as-label"))
        if field.help:
            st.html(render.element("p", escape(field.help), "as-quiet-text"))
        held = value if isinstance(value, Mapping) else None
        return draw(field.inner, f"{key}-{field.name}", held, errors=_within(field, wrong))


def _within(field: Field, wrong: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with the fields of a group, by their names in it."""
    group = f"{field.name}."
    return {name.removeprefix(group): said for name, said in wrong.items() if name.startswith(group)}


def _widget(field: Field, value: Any, key: str) -> Any:
    label = render.plain(field.label)
    if not field.required and field.shape != "switch":
        label = f"{label} {admin_texts.OPTIONAL}"
    at, said = f"{key}-{field.name}", render.plain(field.help) or None
    first = schemas.drawn(field, value)
    match field.shape:
        case "switch":
            made: Any = st.toggle(label, value=first, key=at, help=said)
        case "maybe":
            made = _maybe(label, first, at, said)
        case "whole" | "number":
            made = _number(field, label, first, at, said)
        case "choice":
            index = None if first is None else field.choices.index(first)
            made = st.selectbox(label, field.choices, index=index, key=at, help=said, placeholder=admin_texts.CHOOSE)
        case "date":
            made = st.date_input(label, first, key=at, help=said, format=formats.DATE_FIELD)
        case "secret":
            made = _secret(field, label, bool(value), at, said)
        case "list" | "pairs" | "json":
            made = st.text_area(label, first, key=at, help=said, placeholder=_holds(field.shape), height=80)
        case "text" if "\n" in first:  # one line would join them as soon as it is changed
            made = st.text_area(label, first, key=at, help=said, height=160)
        case "table":
            made = _table(field, first, at, said)
        case _:
            made = st.text_input(label, first, key=at, help=said)
    return made


def _maybe(label: str, first: bool | None, at: str, said: str | None) -> bool | None:
    answers = {admin_texts.NOT_SAID: None, admin_texts.YES: True, admin_texts.NO: False}
    index = list(answers.values()).index(first)
    return answers[st.selectbox(label, list(answers), index=index, key=at, help=said)]


def _secret(field: Field, label: str, is_stored: bool, at: str, said: str | None) -> Any:
    kept = admin_texts.KEPT if is_stored else None
    made = st.text_input(label, type="password", key=at, help=said, autocomplete="new-password", placeholder=kept)
    if not is_stored or not field.forgettable:
        return made
    is_forgotten = st.checkbox(admin_texts.FORGET_STORED, key=f"{at}-forget")
    return schemas.FORGET if is_forgotten and not made else made  # a new one takes its place anyway


def _holds(shape: str) -> str:
    """Say how a field for several values is filled in."""
    if shape == "list":
        return admin_texts.A_LINE_EACH
    return admin_texts.A_PAIR_EACH if shape == "pairs" else admin_texts.AS_JSON


def _number(field: Field, label: str, held: float | None, at: str, said: str | None) -> Any:
    kind = int if field.shape == "whole" else float
    least, most = (None if one is None else kind(one) for one in (field.least, field.most))
    if held is not None and ((least is not None and held < least) or (most is not None and held > most)):
        least = most = None  # what is stored is shown as it is; the API says what is wrong with it
    options: dict[str, Any] = {"min_value": least, "max_value": most, "value": held, "key": at, "help": said}
    if kind is int:
        options["step"] = 1
    return st.number_input(label, **options)


def _table(field: Field, rows: list[dict[str, Any]], at: str, said: str | None) -> list[dict[str, Any]]:
    st.html(render.element("span", escape(field.label), "as-label"))
    if said:
        st.html(render.element("p", escape(field.help), "as-quiet-text"))
    # with one empty row at least: a column without any is taken for one of numbers, in which nobody can write
    held = rows or [{}]
    columns = {one.name: _column(one) for one in field.inner}
    start: dict[str, list[Any]] = {name: [row.get(name) for row in held] for name in columns}
    made = st.data_editor(start, num_rows="dynamic", column_config=columns, key=at, width="stretch")
    cells = zip(*(made[name] for name in columns), strict=True)
    # an empty cell comes as a number that is not equal to itself
    return [{name: cell for name, cell in zip(columns, row, strict=True) if cell == cell} for row in cells]  # noqa: PLR0124


def _column(field: Field) -> Any:
    label, said = field.label, field.help or None
    match field.shape:
        case "switch" | "maybe":
            return st.column_config.CheckboxColumn(label, help=said, required=field.required)
        case "whole" | "number":
            step = 1 if field.shape == "whole" else None
            return st.column_config.NumberColumn(label, help=said, required=field.required, step=step)
        case "choice":
            return st.column_config.SelectboxColumn(label, help=said, required=field.required, options=field.choices)
    return st.column_config.TextColumn(label, help=said, required=field.required)
