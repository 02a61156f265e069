"""What a question is narrowed to: sources, folders, types, dates, or single documents that stand as chips."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from html import escape
from typing import Any

import streamlit as st

from ui import ask_texts, formats, render, session, texts, widgets
from ui.client import ApiError
from ui.models import DocumentName
from ui.scopes import Offered, Scope

ABOUT = "about"  # the key of the session's state that holds the documents that are asked about
KEPT_SECONDS = 60.0
CHIP_CHARACTERS = 36
_LISTS = ("scope", "scope-folders", "scope-types")
_DAYS = ("scope-since", "scope-until")


def about() -> tuple[DocumentName, ...]:
    """Return the documents that are asked about, none for all."""
    found: tuple[DocumentName, ...] = st.session_state.get(ABOUT, ())
    return found


def ask_about(*documents: DocumentName) -> None:
    """Let questions be about these documents alone from now on; none: about everything that is chosen."""
    st.session_state[ABOUT] = tuple(dict.fromkeys(documents))


def chosen() -> Scope:
    """Return what is chosen."""
    documents = about()
    if documents:
        return Scope(tuple(dict.fromkeys(d.source for d in documents)), paths=tuple(d.key for d in documents))
    sources, folders, types = (_chosen(key) for key in _LISTS)
    since, until = (_day(key) for key in _DAYS)
    if since and until and since > until:
        until = None  # said where it is chosen
    before = (until + timedelta(days=1)).isoformat() if until else ""
    return Scope(sources, types, folders, since.isoformat() if since else "", before)


def summary() -> str:
    """Say in a few words what is chosen."""
    if about():
        return ask_texts.only_these(len(about()))
    sources, folders, types = (_chosen(key) for key in _LISTS)
    since, until = (_day(key) for key in _DAYS)
    parts = [texts.scope([_name(name) for name in sources])] if sources or not (folders or types) else []
    parts += [ask_texts.folders(folders)] if folders else []
    parts += [", ".join(one.upper() for one in types)] if types else []
    parts += [ask_texts.changed(*(formats.iso_day(str(day or "")) for day in (since, until)))] if since or until else []
    return " \u00b7 ".join(parts)


def chips() -> None:
    """Draw the documents that are asked about, each with a way to let go of it."""
    documents = about()
    if not documents:
        return
    with st.container(key="ask-about", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(render.element("span", escape(ask_texts.ABOUT), "as-quiet-text"), width="content")
        for number, document in enumerate(documents):
            title = document.title
            if len(title) > CHIP_CHARACTERS:
                title = title[: CHIP_CHARACTERS - 1].rstrip() + "\u2026"
            st.button(
                render.plain(title),
                key=f"about-{number}",
                icon=":material/close:",
                icon_position="right",
                help=ask_texts.ABOUT_DROP,
                on_click=_drop,
                args=(document,),
            )


def draw() -> None:
    """Draw the choices."""
    if about():
        st.html(render.element("p", escape(ask_texts.NARROWED), "as-quiet-text"))
    offered = _offered()
    if isinstance(offered, ApiError):
        widgets.notice(offered.message, offered.hint, kind="error")
        return
    _sources(offered)
    _folders(offered)
    _types(offered)
    left, right = st.columns(2)
    with left:
        st.date_input(
            ask_texts.SINCE,
            None,
            key=_DAYS[0],
            format=formats.DATE_FIELD,
            help=ask_texts.DATES_HELP,
            persist_state="session",
        )
    with right:
        st.date_input(ask_texts.UNTIL, None, key=_DAYS[1], format=formats.DATE_FIELD, persist_state="session")
    since, until = (_day(key) for key in _DAYS)
    if since and until and since > until:
        widgets.notice(ask_texts.DATES_ODD, kind="warning")
    if chosen() != Scope():
        st.button(ask_texts.RESET, key="scope-reset", icon=":material/restart_alt:", type="tertiary", on_click=_reset)


def _sources(offered: Offered) -> None:
    held = {source.name: source.documents for source in offered.sources}
    _pick("scope", held, ask_texts.SOURCES, ask_texts.SOURCES_ALL, _name)


def _folders(offered: Offered) -> None:
    within = _chosen("scope")
    folders: dict[str, int] = {}
    for folder in offered.folders:
        if not within or folder.source in within:
            folders[folder.path] = folders.get(folder.path, 0) + folder.documents
    more = {"help": ask_texts.FOLDERS_HELP, "accept_new_options": True}
    _pick("scope-folders", folders, ask_texts.FOLDERS, ask_texts.FOLDERS_ALL, str, **more)


def _types(offered: Offered) -> None:
    _pick("scope-types", dict(offered.types), ask_texts.TYPES, ask_texts.TYPES_ALL, str.upper)


def _pick(
    key: str, held: Mapping[str, int], label: str, everything: str, called: Callable[[str], str], **more: Any
) -> None:
    """Draw a choice of several, each with how many documents it holds; what is chosen and holds none any more stays."""
    chosen = _chosen(key)
    labels = {
        one: ask_texts.held(called(one), held[one]) if one in held else called(one)
        for one in dict.fromkeys([*held, *chosen])
    }
    former = {said: one for said, one in _labels(key).items() if one in chosen}
    st.session_state[f"{key}-labels"] = former | {said: one for one, said in labels.items()}
    st.session_state[key] = list(chosen)
    st.multiselect(
        label,
        list(labels),
        key=key,
        format_func=lambda one: labels.get(one, one),
        placeholder=everything,
        on_change=_choose,
        args=(key,),
        **more,
    )


def _choose(key: str) -> None:
    """Keep what is chosen.

    A browser sends labels. Where they have changed since, with a number or the language, Streamlit takes those that it
    sends for new choices: they are what they stood for.
    """
    labels = _labels(key)
    st.session_state[f"{key}-chosen"] = tuple(dict.fromkeys(labels.get(one, one) for one in st.session_state[key]))


def _labels(key: str) -> dict[str, str]:
    """Return by label what the choices are that a browser may show."""
    shown: dict[str, str] = st.session_state.get(f"{key}-labels", {})
    return shown


def _offered() -> Offered | ApiError:
    """Return what can be chosen; it is asked for anew when it is a minute old, or other documents can be read."""
    status = session.attempt(session.status)
    if isinstance(status, ApiError):
        return status
    now, sign = time.monotonic(), (status.user, status.documents, status.chunks)
    known: tuple[float, tuple[str, int, int], Offered] | None = st.session_state.get("offered")
    if known and known[1] == sign and now - known[0] < KEPT_SECONDS:
        return known[2]
    found = session.attempt(session.client().offered)
    if not isinstance(found, ApiError):
        st.session_state.offered = (now, sign, found)
    return found


def _name(source: str) -> str:
    """Return what a source is called; the one of the person's own files has a name of its own."""
    known: tuple[float, tuple[str, int, int], Offered] | None = st.session_state.get("offered")
    own = known is not None and any(one.own for one in known[2].sources if one.name == source)
    return ask_texts.OWN_UPLOADS if own else source


def _chosen(key: str) -> tuple[str, ...]:
    """Return what is chosen; it is kept apart from the field, which is told what to show."""
    kept: tuple[str, ...] = st.session_state.get(f"{key}-chosen", ())
    return kept


def _day(key: str) -> date | None:
    found = st.session_state.get(key)
    return found if isinstance(found, date) else None


def _drop(document: DocumentName) -> None:
    ask_about(*(one for one in about() if one != document))


def _reset() -> None:
    ask_about()
    for key in _LISTS:
        st.session_state[f"{key}-chosen"] = ()
    for key in _DAYS:
        st.session_state[key] = None
