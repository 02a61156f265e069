"""Pictures in documents that look like one that a person has; offered where pictures are searched by their looks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import streamlit as st

from ui import render, search_texts, session, texts, widgets
from ui.client import ApiError
from ui.opened import Group
from ui.search_models import FoundPicture
from ui.views import place

KINDS = ("png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff")
MOST = 12
WIDTH = 220  # pixels
_KEY = "looked-for"


@dataclass(frozen=True, slots=True)
class LookedFor:
    """A picture that is looked for: the file's name and bytes, and which of all that were looked for it is."""

    name: str
    data: bytes
    number: int


def choice() -> None:
    """Draw the way to choose a picture."""
    status = session.attempt(session.status)
    if isinstance(status, ApiError) or not status.searches_pictures:
        return
    with st.popover(search_texts.PICTURE, icon=":material/image_search:", key="by-picture"):
        st.html(render.element("p", escape(search_texts.PICTURE_BODY), "as-quiet-text"))
        st.file_uploader(search_texts.PICTURE_FILE, list(KINDS), key="picture-file", on_change=_chosen)


def forget() -> None:
    """Look for no picture any more."""
    st.session_state.pop(_KEY, None)


def show() -> bool:
    """Draw what looks like the picture that was chosen. Returns whether there is one."""
    wanted: LookedFor | None = st.session_state.get(_KEY)
    if wanted is None:
        return False
    with st.container(horizontal=True, vertical_alignment="center", key="picture-wanted"):
        st.image(wanted.data, width=WIDTH // 2, alt=wanted.name)
        st.button(search_texts.OTHER_SEARCH, key="picture-forget", icon=":material/close:", on_click=forget)
    with st.spinner(search_texts.SEARCHING):
        found = session.attempt(lambda: session.client().search_by_picture(wanted.data, MOST))
    if isinstance(found, ApiError):
        widgets.failure(found, "by-picture")
        return True
    name = f"pictures-{wanted.number}"
    group = Group([one.citation() for one in found])
    place.panel(_finder(name, group))
    if not found:
        widgets.notice(search_texts.NO_PICTURE_FOUND, kind="quiet")
        return True
    st.html(render.element("h2", escape(search_texts.LIKE_PICTURE), "as-heading"))
    with st.container(horizontal=True, gap="medium", key="pictures-found"):
        for number, one in enumerate(found, 1):
            _picture(one, f"{name}:{number}", number)
    return True


def _finder(name: str, group: Group) -> Callable[[str], Group | None]:
    return lambda wanted: group if wanted == name else None


def _picture(one: FoundPicture, target: str, number: int) -> None:
    image = session.attempt(functools.partial(session.client().picture, one.name.source, one.name.key, one.number))
    with st.container(key=f"picture-{number}", width=WIDTH, gap=None):
        if isinstance(image, ApiError):
            widgets.failure(image, f"picture-{number}")
            return
        st.image(image, width="stretch", alt=one.name.title)
        label = f"{search_texts.OPEN_PLACE}: {one.name.title}"
        title = escape(one.name.title)
        button = render.element("button", title, "as-found-title", type="button", data_cite=target, aria_label=label)
        where = texts.page(one.page) if one.page else one.name.key
        st.html(button + render.element("div", escape(where), "as-quiet-text"))


def _chosen() -> None:
    file = st.session_state.get("picture-file")
    if file is None:
        forget()
        return
    before: LookedFor | None = st.session_state.get(_KEY)
    st.session_state[_KEY] = LookedFor(file.name, file.getvalue(), before.number + 1 if before else 1)
