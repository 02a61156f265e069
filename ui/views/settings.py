"""The page of settings: what is in force, where it comes from, and how it is changed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape

import streamlit as st

from ui import render, session, settings_texts, widgets
from ui.client import ApiError
from ui.measures import Setting

_MASKED = "***"  # is in what the API shows of a secret
_PLAIN, _LITERAL = re.compile(r"[\w./:@%+,~=-]*"), re.compile(r"-?\d+(\.\d+)?|true|false")
_TABLES = frozenset({"models", "tools"})  # that no variable holds as people write them


def page() -> None:
    """Draw the settings by group."""
    st.html(
        render.element("h1", escape(settings_texts.SETTINGS), "as-heading")
        + render.element("p", escape(settings_texts.LEAD), "as-quiet-text")
    )
    found = session.attempt(session.client().settings)
    if isinstance(found, ApiError):
        widgets.failure(found, "settings")
        return
    file, there, settings = found
    widgets.notice(settings_texts.HOW, settings_texts.how(file, there=there))
    wanted = st.text_input(
        settings_texts.SEARCH,
        key="settings-search",
        placeholder=settings_texts.SEARCH_PLACEHOLDER,
        icon=":material/search:",
    )
    only_set = st.toggle(settings_texts.ONLY_SET, key="settings-only-set")
    shown = matching(settings, wanted or "", only_set=only_set)
    if not shown:
        widgets.notice(settings_texts.NONE, settings_texts.NONE_HINT, kind="quiet")
    narrowed = bool((wanted or "").strip()) or only_set
    for group in dict.fromkeys(one.group for one in shown):
        members = [one for one in shown if one.group == group]
        # the key says what was looked for: a search opens the groups, and leaving it closes them again
        opened = st.expander(
            settings_texts.group(group, len(members)),
            expanded=narrowed,
            key=f"settings-{group}-{narrowed}",
            on_change="rerun",
        )
        if opened.open:
            with opened:
                for one in members:
                    _setting(one)


def matching(settings: Sequence[Setting], words: str, *, only_set: bool) -> list[Setting]:
    """Return the settings that hold all of these words, of all or of those that are set."""
    wanted = words.casefold().split()
    return [
        one
        for one in settings
        if (not only_set or one.origin != "default")
        and all(word in f"{one.name} {one.variable} {one.description}".casefold() for word in wanted)
    ]


def _setting(one: Setting) -> None:
    badge = "as-badge as-badge-on" if one.origin != "default" else "as-badge"
    origin = render.element("span", escape(settings_texts.ORIGINS.get(one.origin, one.origin)), badge)
    head = render.element("div", render.element("h3", escape(one.name)) + origin, "as-source as-setting")
    rows = [(settings_texts.VALUE, one.value or settings_texts.EMPTY)]
    if one.origin != "default":
        rows.append((settings_texts.DEFAULT, one.default or settings_texts.EMPTY))
    if one.choices:
        rows.append((settings_texts.CHOICES, ", ".join(one.choices)))
    facts = "".join(
        render.element("dt", escape(name)) + render.element("dd", escape(value), "as-lines") for name, value in rows
    )
    said = render.element("p", escape(one.description.replace("`", "")), "as-quiet-text")
    st.html(head + said + render.element("dl", facts, "as-facts as-values"))
    if one.name in _TABLES:
        st.html(render.element("p", escape(settings_texts.NO_VARIABLE), "as-quiet-text"))
    else:
        _how(one)


def _how(one: Setting) -> None:
    """Draw the lines that set it, to be copied: as it is now, so that only the value has to be changed."""
    variable, chart = lines(one)
    st.html(render.element("p", escape(settings_texts.AS_VARIABLE), "as-quiet-text"))
    st.code(variable, language=None, wrap_lines=True)
    st.html(
        render.element("p", escape(settings_texts.IN_CHART if chart else settings_texts.IN_HIDDEN), "as-quiet-text")
    )
    st.code(chart or f'{one.name} = ""', language=None, wrap_lines=True)


def lines(one: Setting) -> tuple[str, str]:
    """Return the line that sets a variable to the value in force, and those of the chart; of what is secret, no value.

    The second is empty for what is secret: that belongs into the chart's Secret.
    """
    if _MASKED in one.value:
        return f"{one.variable}=", ""
    value = one.value
    written = value if _PLAIN.fullmatch(value) else f"'{value}'"
    in_chart = value if _LITERAL.fullmatch(value) else json.dumps(value, ensure_ascii=False)
    return f"{one.variable}={written}", f"settings:\n  {one.name}: {in_chart}"
