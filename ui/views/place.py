"""The panel beside the page that shows a quoted place: the page with the quote marked, and the text around it.

It is a fragment of its own: to leaf, turn and enlarge draws nothing of the chat anew. While an answer is being written
it is drawn with the page, for Streamlit lets fragments wait until a script is through.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from html import escape

import streamlit as st

from ui import listening, navigation, opened, place_texts, render, session, signed, texts, widgets
from ui.client import ApiError
from ui.models import Citation, TextWindow
from ui.opened import Find, Group, Opened
from ui.views import place_page, scope_picker

MOST_PICTURES = 6
PEEK = 160  # characters around a quote on its card


def panel(find: Find, *, newest: str = "", busy: bool = False) -> None:
    """Draw the panel where a place is open, and listen for clicks on places and for looks at them.

    Args:
        find: returns the places of a group by its name, None where there is no such group on this page.
        newest: id of the turn to bring into view, once.
        busy: the script goes on for long after this.
    """
    if busy:
        _panel(find, newest)
    else:
        st.fragment(_panel)(find, newest)
    st.fragment(_cards)(find)


def _panel(find: Find, newest: str) -> None:
    listening.clicks(newest, _target(find), opened.show)
    shown = opened.now(find)
    if shown is None:
        return
    state, group, citation = shown
    with st.container(key="place"):
        st.html(f"<style>{widgets.asset('place.css')}</style>")
        st.html(render.element("span", "", "as-hidden", data_place=state.target))
        if state.is_fresh:
            waiting = st.empty()
            words = escape(place_texts.LOADING)
            waiting.html(render.element("div", words, "as-skeleton as-skeleton-text", role="status"))
            look = _look(citation, group, state)
            waiting.empty()
            state.is_fresh = False
        else:
            look = _look(citation, group, state)
        gone = isinstance(look, ApiError) and look.code == "NotFoundError"
        _head(place_texts.PANEL if gone else citation.document.title, state, group)
        if gone:
            widgets.notice(place_texts.GONE, place_texts.GONE_HINT if group.turn else "", kind="warning")
        elif isinstance(look, ApiError):
            widgets.failure(look, "place")
        else:
            _about(citation, group)
            _body(citation, group, state, look)
            _actions(citation, group)


def _target(find: Find) -> str:
    shown = opened.now(find)
    return shown[0].target if shown else ""


def _look(citation: Citation, group: Group, state: Opened) -> TextWindow | bytes | ApiError:
    """Return the text around the place, or the picture that was looked at, as the API lets this person see it now."""
    name = citation.document
    api = session.client()
    if not citation.is_seen:
        return session.attempt(
            lambda: api.text(name.source, name.key, citation.start - state.before, citation.end + state.after)
        )
    number = citation.pictures[0] if citation.pictures else 1
    if citation.kind == "attachment":
        missing = ApiError(place_texts.GONE, code="NotFoundError")
        return session.attachment(group.turn, number) if group.turn else missing
    if citation.kind == "page":
        return session.attempt(lambda: api.page_image(name.source, name.key, page=citation.page))
    return session.attempt(lambda: api.picture(name.source, name.key, number))


def _head(title: str, state: Opened, group: Group) -> None:
    """Draw the title, the ways to the former and the next place, and the way out."""
    total = len(group.places)
    with st.container(key="place-head", horizontal=True, vertical_alignment="center", gap=None):
        st.html(render.element("h2", escape(title), "as-place-title", tabindex="-1"), width="stretch")
        if total > 1:
            icon_button("former", place_texts.FORMER_PLACE, "keyboard_arrow_up", state.at > 1, _leaf, state, -1)
            count = escape(place_texts.counted(state.at, total))
            st.html(render.element("span", count, "as-quiet-text"), width="content")
            icon_button("next", place_texts.NEXT_PLACE, "keyboard_arrow_down", state.at < total, _leaf, state, 1)
        icon_button("close", place_texts.CLOSE, "close", True, opened.close)


def icon_button(name: str, label: str, icon: str, possible: bool, action: Callable[..., None], *args: object) -> None:
    """Draw a button that shows its icon alone; its label names it all the same."""
    st.button(
        label,
        key=f"place-icon-{name}",
        icon=f":material/{icon}:",
        type="tertiary",
        help=label,
        disabled=not possible,
        on_click=action,
        args=args,
    )


def _leaf(state: Opened, step: int) -> None:
    opened.show(f"{state.group}:{state.at + step}")


def _about(citation: Citation, group: Group) -> None:
    """Say where it is, and of a citation, what is known of its truth."""
    place = render.place_line(citation)
    path = "" if citation.kind == "attachment" else f"{citation.document.source} / {citation.document.key}"
    parts = [render.element("span", escape(place))] if place else []
    parts += [render.element("span", escape(path), "as-path")] if path else []
    if group.turn:
        parts.append(render.marks(citation))
    st.html(render.element("div", "".join(parts), "as-about"))
    for title, body in render.doubts(citation) if group.turn else ():
        widgets.notice(title, body, kind="warning")


def _body(citation: Citation, group: Group, state: Opened, look: TextWindow | bytes) -> None:
    if isinstance(look, bytes):
        words = texts.SEEN_HELP if group.turn else None
        st.image(look, caption=words, width="stretch", alt=texts.SEEN_QUOTE if group.turn else texts.PICTURE)
        return
    if group.turn and not _still_there(citation, look):
        widgets.notice(texts.DOCUMENT_CHANGED, kind="warning")
        st.html(render.element("blockquote", escape(citation.quote), "as-text"))
    pages = place_page.room(citation, state)
    if not citation.page:
        _pictures(citation)
    with st.container(key="place-text"):
        st.html(render.element("h3", escape(place_texts.QUOTE if group.turn else place_texts.PLACE), "as-label"))
        _more(texts.SHOW_BEFORE, "before", "expand_less", state, (opened.MORE, 0), possible=look.start > 0)
        st.html(render.excerpt(look, citation.start, citation.end))
        _more(texts.SHOW_AFTER, "after", "expand_more", state, (0, opened.MORE), possible=look.end < look.length)
    place_page.draw(pages, citation, state, look.pages if citation.page else None)


def _pictures(citation: Citation) -> None:
    """Show the pictures that the document has beside the quote."""
    name = citation.document
    for number in citation.pictures[:MOST_PICTURES]:
        image = session.attempt(functools.partial(session.client().picture, name.source, name.key, number))
        if isinstance(image, ApiError):
            widgets.failure(image, f"picture-{number}")
        else:
            st.image(image, caption=texts.PICTURE, width="content")


def _more(label: str, key: str, icon: str, state: Opened, reach: tuple[int, int], *, possible: bool) -> None:
    """Show a button that widens the window; it stays, disabled, at an end of the text, so that nothing jumps."""
    st.button(
        label,
        key=f"place-{key}",
        icon=f":material/{icon}:",
        type="tertiary",
        disabled=not possible,
        on_click=opened.widen,
        args=(state, *reach),
    )


def _still_there(citation: Citation, window: TextWindow) -> bool:
    """Whether the text at the citation's place is still the quote; only a verified quote was ever there."""
    first = citation.start - window.start
    return not citation.verified or window.text[first : first + citation.end - citation.start] == citation.quote


def _actions(citation: Citation, group: Group) -> None:
    """Draw what can be done with the document."""
    if citation.kind == "attachment":
        return
    name = citation.document
    with st.container(key="place-actions", horizontal=True, gap="small"):
        is_own = group.turn is not None and session.find_turn(group.turn.id) is not None  # no search, nobody else's
        ask_about(citation, "place-ask", is_new=not is_own)
        st.download_button(
            place_texts.DOWNLOAD,
            functools.partial(session.client().original, name.source, name.key),
            file_name=name.key.rpartition("/")[2] or name.key,
            mime="application/octet-stream",
            key="place-download",
            icon=":material/download:",
            on_click="ignore",
        )
        where = {"page": citation.page, "start": citation.start, "end": citation.end}
        navigation.document_link(name, texts.OPEN_DOCUMENT, icon=":material/menu_book:", **where)


def ask_about(citation: Citation, key: str, *, is_new: bool) -> None:
    """Draw the button that leads to the chat, to ask about this document alone; `is_new`: in a new chat."""
    if st.button(place_texts.ASK_ABOUT, key=key, icon=":material/chat:"):
        opened.close()
        if is_new:
            session.new_chat()
        scope_picker.ask_about(citation.document)
        navigation.go("chat")


def _cards(find: Find) -> None:
    """Listen for looks at a citation's number, and hand over what stands around its quote."""

    def look(target: str) -> None:
        name, _, number = target.rpartition(":")
        group, at = find(name), int(number) if number.isdigit() else 0
        if group is not None and 1 <= at <= len(group.places):
            looked = int(st.session_state.get("peek_number", 0)) + 1  # the same words again are to be shown again
            st.session_state.peek_number = looked
            st.session_state.peek = {"target": target, "look": str(looked), **_around(group.places[at - 1])}

    listening.looks(st.session_state.get("peek") or {}, look)


def _around(citation: Citation) -> dict[str, str]:
    """Return the quote with what stands before and behind it; `gone` says why there is none."""
    if citation.is_seen:
        return {}
    name, (start, end) = citation.document, (citation.start, citation.end)
    window = session.attempt(lambda: session.client().text(name.source, name.key, start - PEEK, end + PEEK))
    if isinstance(window, ApiError):
        is_gone = window.code == "NotFoundError" or signed.is_out(window)
        return {"gone": place_texts.GONE_SHORT} if is_gone else {}
    if not citation.verified or not _still_there(citation, window):
        return {}
    return render.around(window, start, end)
