"""The form with which a person brings files of their own, and how far these are."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from ui import ask_texts, held, render, session, texts, widgets
from ui.answering import Files
from ui.client import ApiError

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

_REFUSED = "bring-refused"


def form(key: str) -> None:
    """Show the form; when it was sent, the files are the person's uploads and are being read.

    Args:
        key: keeps the widgets of two forms apart; `own` is for those who can add nothing else.
    """
    if key == "own":
        st.html(render.element("p", escape(ask_texts.BRING_OWN), "as-quiet-text"))
    with st.form(f"bring-{key}", border=True, clear_on_submit=True):
        st.file_uploader(ask_texts.FILES, accept_multiple_files=True, key=f"{key}-files", help=ask_texts.FILES_HELP)
        wish = held.submit(
            ask_texts.BRING,
            f"bring-{key}",
            lambda: _files(st.session_state[f"{key}-files"]),
            type="primary",
            icon=":material/upload_file:",
        )
    if wish is None:
        refused()
        return
    if not wish.given:
        held.drop(f"bring-{key}")
        widgets.notice(ask_texts.NO_FILES, kind="error")
        return
    api = session.client()
    with st.spinner(ask_texts.TAKING):
        taken = held.do(wish, lambda: api.upload(wish.given))
    if isinstance(taken, ApiError):
        widgets.notice(taken.message, taken.hint, kind="error")
        return
    st.session_state[_REFUSED] = taken.refused
    replaced = [one.key for one in taken.uploads if one.replaced]
    st.session_state.said = ask_texts.brought(len(taken.uploads)) + (
        f" {ask_texts.replaced(replaced)}" if replaced else ""
    )
    session.expect_run()
    st.rerun()


def refused() -> None:
    """Say which of the files that were sent last were not taken, and why, until the person has read it."""
    files = st.session_state.get(_REFUSED, ())
    for name, error, hint in files:
        widgets.notice(name, f"{error} {hint}", kind="error")
    if files:
        st.button(texts.DISMISS, key="refused-seen", icon=":material/close:", type="tertiary", on_click=_seen)


def _seen() -> None:
    st.session_state.pop(_REFUSED, None)


def _files(chosen: Sequence[UploadedFile] | None) -> Files:
    """Return what was chosen, with its bytes: the field is empty again once it is sent."""
    return tuple((file.name, file.getvalue()) for file in chosen or ())


def progress() -> bool:
    """Show how far the person's files are, and why some cannot be read; return whether there are any."""
    shelf = session.attempt(session.client().uploads)
    if isinstance(shelf, ApiError) or not shelf.uploads:
        return False
    ready = sum(upload.state == "indexed" for upload in shelf.uploads)
    waiting = [upload for upload in shelf.uploads if upload.state == "waiting"]
    if waiting:
        total = len(shelf.uploads)
        st.progress(ready / total, text=f"{ask_texts.READING}: {texts.version(ready, total)}")
    for upload in shelf.uploads:
        if upload.state == "failed":
            widgets.notice(upload.key, upload.error, kind="error")
    return True
