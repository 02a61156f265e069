"""Draws a form for a JSON schema."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ui import admin_texts, render, schemas
from ui.models import Json
from ui.schemas import Field

_HOLDS = {"list": "A_LINE_EACH", "pairs": "A_PAIR_EACH", "json": "AS_JSON"}  # names of texts


def draw(fields: Sequence[Field], key: str, current: Json | None = None) -> dict[str, Any]:
    """Draw the fields, within a form, and return by name what they hold.

    Args:
        fields: the ones that need not be filled in come folded.
        key: keeps the widgets of two forms apart.
        current: the configuration that is changed; None: a new one.
    """
    values = {field.name: (current or {}).get(field.name, field.default) for field in fields}
    filled = {field.name: _widget(field, values[field.name], key) for field in fields if field.required}
    others = [field for field in fields if not field.required]
    if others:
        with st.expander(admin_texts.MORE_FIELDS):
            filled |= {field.name: _widget(field, values[field.name], key) for field in others}
    return filled


def _widget(field: Field, value: Any, key: str) -> Any:
    label = render.plain(field.label)
    if not field.required and field.shape != "switch":
        label = f"{label} {admin_texts.OPTIONAL}"
    at, said = f"{key}-{field.name}", render.plain(field.help) or None
    text = schemas.shown(field, value)
    kept = admin_texts.KEPT if value and field.shape == "secret" else None
    match field.shape:
        case "switch":
            made: Any = st.toggle(label, value=bool(value), key=at, help=said)
        case "whole":
            made = st.number_input(label, value=value, step=1, key=at, help=said)
        case "number":
            made = st.number_input(label, value=None if value is None else float(value), key=at, help=said)
        case "choice":
            index = field.choices.index(text) if text in field.choices else None
            made = st.selectbox(label, field.choices, index=index, key=at, help=said, placeholder=admin_texts.CHOOSE)
        case "secret":
            made = st.text_input(
                label, type="password", key=at, help=said, autocomplete="new-password", placeholder=kept
            )
        case "list" | "pairs" | "json":
            made = st.text_area(
                label, text, key=at, help=said, placeholder=getattr(admin_texts, _HOLDS[field.shape]), height=80
            )
        case _:
            made = st.text_input(label, text, key=at, help=said)
    return made
