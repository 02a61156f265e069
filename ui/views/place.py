"""The drawer that shows a citation's place: the quote highlighted in the text around it."""

from __future__ import annotations

import functools
from html import escape

import streamlit as st

from ui import navigation, render, session, texts, widgets
from ui.client import ApiError
from ui.models import Citation, TextWindow
from ui.session import Turn

BEFORE, AFTER = 350, 900
MORE = 2_000
MOST_PICTURES = 6


def open_place(citation: Citation, turn: Turn | None = None) -> None:
    """Open the drawer on a citation; what is attached is that of its turn."""
    st.session_state.place_reach = (BEFORE, AFTER)
    drawer = st.dialog(render.plain(citation.document.title), width="medium", position="right")(_show)
    drawer(citation, turn)


def _show(citation: Citation, turn: Turn | None) -> None:
    if citation.is_seen:
        _seen(citation, turn)
        return
    before, after = st.session_state.place_reach
    name = citation.document
    st.html(_about(citation))
    window = session.attempt(
        lambda: session.client().text(name.source, name.key, citation.start - before, citation.end + after)
    )
    if isinstance(window, ApiError):
        widgets.failure(window, "place")
        return
    if not _still_there(citation, window):
        widgets.notice(texts.DOCUMENT_CHANGED, kind="warning")
        st.html(render.element("blockquote", escape(citation.quote), "as-text"))
    if not _page(citation):
        _pictures(citation)
    _more(texts.SHOW_BEFORE, "before", ":material/expand_less:", (MORE, 0), possible=window.start > 0)
    st.html(render.excerpt(window, citation.start, citation.end))
    _more(texts.SHOW_AFTER, "after", ":material/expand_more:", (0, MORE), possible=window.end < window.length)
    navigation.document_link(
        name,
        texts.OPEN_DOCUMENT,
        page=citation.page,
        start=citation.start,
        end=citation.end,
        icon=":material/menu_book:",
    )


def _seen(citation: Citation, turn: Turn | None) -> None:
    """Show the picture that the model looked at."""
    name = citation.document
    st.html(_about(citation))
    number = citation.pictures[0] if citation.pictures else 1
    if citation.kind == "attachment":
        image = session.attachment(turn, number) if turn else ApiError(texts.DOCUMENT_CHANGED)
    elif citation.kind == "page":
        image = session.attempt(lambda: session.client().page_image(name.source, name.key, page=citation.page))
    else:
        image = session.attempt(lambda: session.client().picture(name.source, name.key, number))
    if isinstance(image, ApiError):
        widgets.failure(image, "seen")
    else:
        st.image(image, caption=texts.SEEN_HELP, width="stretch")
    if citation.kind != "attachment":
        navigation.document_link(name, texts.OPEN_DOCUMENT, page=citation.page, icon=":material/menu_book:")


def _page(citation: Citation) -> bool:
    """Show the page's picture with the quote marked, where the document has pages to look at. Returns whether it is."""
    name = citation.document
    with st.spinner(texts.PAGE_IMAGE_LOADING):
        image = session.attempt(
            lambda: session.client().page_image(name.source, name.key, citation.start, citation.end)
        )
    if not isinstance(image, ApiError):
        st.image(image, caption=texts.PAGE_IMAGE, width="stretch")
        return True
    if image.code not in {"UnsupportedFormatError", "NotFoundError"}:  # no pages, or not on them: the text says it all
        widgets.failure(image, "page")
    return False


def _pictures(citation: Citation) -> None:
    """Show the pictures that the document has beside the quote."""
    name = citation.document
    for number in citation.pictures[:MOST_PICTURES]:
        image = session.attempt(functools.partial(session.client().picture, name.source, name.key, number))
        if isinstance(image, ApiError):
            widgets.failure(image, f"picture-{number}")
        else:
            st.image(image, caption=texts.PICTURE, width="content")


def _more(label: str, key: str, icon: str, reach: tuple[int, int], *, possible: bool) -> None:
    """Show a button that widens the window; it stays, disabled, at an end of the text, so that nothing jumps."""
    st.button(label, key=f"place-{key}", icon=icon, disabled=not possible, on_click=_widen, args=reach)


def _widen(before: int, after: int) -> None:
    old = st.session_state.place_reach
    st.session_state.place_reach = (old[0] + before, old[1] + after)


def _still_there(citation: Citation, window: TextWindow) -> bool:
    """Whether the text at the citation's place is still the quote; only a verified quote was ever there."""
    first = citation.start - window.start
    return not citation.verified or window.text[first : first + citation.end - citation.start] == citation.quote


def _about(citation: Citation) -> str:
    place = render.place_line(citation)
    attached = citation.kind == "attachment"
    path = "" if attached else f"{citation.document.source} / {citation.document.key}"
    parts = [render.element("span", escape(place))] if place else []
    parts += [render.element("span", escape(path), "as-path"), render.marks(citation)]
    return render.element("div", "".join(parts), "as-about")
