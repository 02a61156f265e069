"""What a search for documents is narrowed to: a choice for each kind, and what is chosen as chips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from ui import asked as address
from ui import formats, render, search_html, search_texts
from ui.asked import Asked
from ui.search_models import Count, FoundDocuments

_FIRST, _LAST = date(1970, 1, 1), date(2999, 12, 31)


def show(asked: Asked, found: FoundDocuments) -> None:
    """Draw the choices with their counts, and the chips of what is chosen."""
    with st.container(horizontal=True, gap="small", key="search-facets"):
        for facet in address.LISTS:
            _choice(facet, asked, found.facets[facet])
        _dates(asked, found.facets["years"])
    chips = looser(asked)
    if not chips:
        return
    with st.container(horizontal=True, gap="small", key="search-chips"):
        for number, (label, other) in enumerate(chips):
            st.button(
                label,
                key=f"chip-{number}",
                icon=":material/close:",
                icon_position="right",
                help=search_texts.REMOVE_FILTER,
                on_click=other.to_address,
            )
        if len(chips) > 1:
            st.button(search_texts.CLEAR, key="chip-all", type="tertiary", on_click=asked.without_filters().to_address)


def looser(asked: Asked) -> list[tuple[str, Asked]]:
    """Return each thing that the search is narrowed to, in words, with the search that is not."""
    found = [
        (render.plain(search_texts.chip(facet, value)), asked.without(facet, value))
        for facet in address.LISTS
        for value in getattr(asked, facet)
    ]
    if asked.after or asked.before:
        words = asked.year or search_texts.period(search_html.day(asked.after), search_html.day(asked.last_day))
        found.append((render.plain(search_texts.chip("dates", words)), asked.without("dates", "")))
    return found


def _choice(facet: str, asked: Asked, counts: Sequence[Count]) -> None:
    chosen: tuple[str, ...] = getattr(asked, facet)
    known = {one.value: one for one in counts}
    missing = [value for value in chosen if value not in known]
    labels = {value: render.plain(search_texts.option(one.name, one.count)) for value, one in known.items()}
    labels |= {value: render.plain(search_texts.option(value, 0)) for value in missing}
    with st.popover(search_texts.chosen(facet, len(chosen)), key=f"facet-{facet}"):
        if not labels:
            st.html(render.element("p", search_texts.NOTHING_TO_CHOOSE, "as-quiet-text"))
            return
        key = f"choice-{facet}"
        st.session_state[key] = list(chosen)
        st.pills(
            search_texts.FACETS[facet],
            list(labels),
            selection_mode="multi",
            key=key,
            format_func=lambda value: labels.get(value, value),
            on_change=_chose,
            args=(facet, key),
        )


def _chose(facet: str, key: str) -> None:
    Asked.of_address().narrowed(facet, tuple(st.session_state.get(key) or ())).to_address()


def _dates(asked: Asked, years: Sequence[Count]) -> None:
    is_set = bool(asked.after or asked.before)
    with st.popover(search_texts.chosen("dates", int(is_set)), key="facet-dates"):
        known = {one.value: one for one in years}
        if asked.year:
            known.setdefault(asked.year, Count(asked.year, asked.year, 0))
        if known:
            st.session_state["choice-year"] = asked.year or None
            st.pills(
                search_texts.YEAR,
                list(known),
                key="choice-year",
                format_func=lambda year: search_texts.option(year, known[year].count) if year in known else year,
                on_change=_chose_year,
            )
        st.session_state["choice-after"] = date.fromisoformat(asked.after) if asked.after else None
        st.session_state["choice-until"] = date.fromisoformat(asked.last_day) if asked.before else None
        for label, key in ((search_texts.SINCE, "choice-after"), (search_texts.UNTIL, "choice-until")):
            st.date_input(label, None, _FIRST, _LAST, key=key, on_change=_chose_days, format=formats.DATE_FIELD)


def _chose_year() -> None:
    year = st.session_state.get("choice-year")
    after, before = address.days_of(year) if year else ("", "")
    replace(Asked.of_address(), after=after, before=before, page=1).to_address()


def _chose_days() -> None:
    after, until = st.session_state.get("choice-after"), st.session_state.get("choice-until")
    if after and until and after > until:  # the other way round is what is meant
        after, until = until, after
    days = (str(after) if after else "", address.day_after(until) if until else "")
    replace(Asked.of_address(), after=days[0], before=days[1], page=1).to_address()
