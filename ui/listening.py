"""The two listeners in the page: for clicks on places, and for looks at a citation's number."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from ui import widgets

_CLICKS, _LOOKS = "citation-clicks", "citation-looks"


def clicks(newest: str, shown: str, on_open: Callable[[str], None]) -> None:
    """Listen for clicks on what has `data-cite`, and for the keys of the panel.

    Args:
        newest: id of the turn to bring into view, once.
        shown: the target of the place that is open, empty where none is.
        on_open: told the target that was clicked, before anything is drawn.
    """
    listener = st.components.v2.component("citation_clicks", js=widgets.asset("clicks.js"), isolate_styles=False)
    listener(
        key=_CLICKS,
        data={"newest": newest, "shown": shown},
        on_open_change=lambda: _tell(_CLICKS, "open", on_open),
        height=1,
    )


def looks(found: Mapping[str, str], on_look: Callable[[str], None]) -> None:
    """Listen for the pointer or the focus staying on a citation's number, and show its card.

    Args:
        found: what was found for the last one: its `target`, the number of the `look`, and `before`, `quote` and
            `after`, or why it is `gone`.
        on_look: told the target that is looked at, before anything is drawn.
    """
    listener = st.components.v2.component("citation_looks", js=widgets.asset("looks.js"), isolate_styles=False)
    listener(key=_LOOKS, data=dict(found), on_look_change=lambda: _tell(_LOOKS, "look", on_look), height=1)


def _tell(key: str, name: str, told: Callable[[str], None]) -> None:
    target = (st.session_state.get(key) or {}).get(name)
    if target:
        told(str(target))
