"""The form with which a person brings files of their own, and how far these are."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import ask_texts, render, session, texts, widgets
from ui.client import ApiError


def form(key: str) -> None:
    """Show the form; when it was sent, the files are the person's uploads and are being read.

    Args:
        key: keeps the widgets of two forms apart; `own` is for those who can add nothing else.
    """
    if key == "own":
        st.html(render.element("p", escape(ask_texts.BRING_OWN), "as-quiet-text"))
    with st.form(f"bring-{key}", border=True, clear_on_submit=True):
        files = st.file_uploader(
            ask_texts.FILES, accept_multiple_files=True, key=f"{key}-files", help=ask_texts.FILES_HELP
        )
        sent = st.form_submit_button(ask_texts.BRING, type="primary", icon=":material/upload_file:")
    if not sent:
        return
    if not files:
        widgets.notice(ask_texts.NO_FILES, kind="error")
        return
    held = tuple((file.name, file.getvalue()) for file in files)
    with st.spinner(ask_texts.TAKING):
        taken = session.attempt(lambda: session.client().upload_all(held))
    if isinstance(taken, ApiError):
        widgets.notice(taken.message, taken.hint, kind="error")
        return
    for name, error, hint in taken.refused:
        widgets.notice(name, f"{error} {hint}", kind="error")
    st.session_state.said = ask_texts.brought(len(taken.uploads))
    session.expect_run()
    if not taken.refused:
        st.rerun()


def progress() -> bool:
    """Show how far the person's files are, and why some cannot be read; return whether there are any."""
    shelf = session.attempt(session.client().uploads)
    if isinstance(shelf, ApiError) or not shelf.uploads:
        return False
    ready = sum(upload.state == "indexed" for upload in shelf.uploads)
    waiting = [upload for upload in shelf.uploads if upload.state == "waiting"]
    if waiting:
        total = len(shelf.uploads)
        st.progress(ready / total, text=f"{ask_texts.READING}: {texts.range_of(ready, ready, total)}")
    for upload in shelf.uploads:
        if upload.state == "failed":
            widgets.notice(upload.key, upload.error, kind="error")
    return True
