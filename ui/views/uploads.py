"""The page of a person's own files: add them, see what became of them, share and remove them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import partial
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from ui import held, navigation, pager, render, run_texts, session, texts, upload_texts, widgets
from ui.client import ApiError
from ui.models import DocumentName
from ui.uploads import Shelf, Upload
from ui.views.source_settings import groups_of

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

POLL_SECONDS = 1.5
PAGE_SIZE = 20
_OFFSET = "uploads-offset"
_REFUSED = "refused_files"
_BADGES = {"waiting": "busy", "indexed": "on", "failed": "bad"}


@dataclass(slots=True)
class Sending:
    """Files that are being sent: how many of them were, and those that were refused, with why."""

    files: tuple[UploadedFile, ...]
    sent: int = 0
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    at_work: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)


def page() -> None:
    """Draw the field for files, and the list of those that are there."""
    st.html(render.element("h1", escape(upload_texts.MY_FILES), "as-heading"))
    shelf = session.attempt(session.client().uploads)
    if isinstance(shelf, ApiError):
        widgets.failure(shelf, "uploads")
        return
    st.html(render.element("p", escape(upload_texts.INTRO), "as-quiet-text"))
    _add(shelf)
    busy = any(one.state == "waiting" for one in shelf.uploads)
    st.fragment(_list, run_every=POLL_SECONDS if busy else None)(busy)


def _add(shelf: Shelf) -> None:
    # Another key empties the field: what it holds cannot be set.
    turn = st.session_state.setdefault("uploads-turn", 0)
    with st.form("upload-files", border=False):
        st.file_uploader(
            upload_texts.CHOOSE,
            accept_multiple_files=True,
            key=f"upload-{turn}",
            help=upload_texts.CHOOSE_HELP,
            max_upload_size=max(1, -(-shelf.max_bytes // 1_000_000)),
        )
        st.html(
            render.element("p", escape(upload_texts.limits(shelf.max_bytes, shelf.used, shelf.quota)), "as-quiet-text")
        )
        wish = held.submit(
            upload_texts.SEND,
            "upload-files",
            lambda: Sending(tuple(st.session_state[f"upload-{turn}"] or ())),
            type="primary",
            icon=":material/upload:",
        )
    _refused()
    if wish is not None and wish.given.files:
        _send(wish)


def _refused() -> None:
    """Say which of the files that were sent last were not taken, and why, until the person has read it."""
    files = st.session_state.get(_REFUSED, ())
    for name, message, hint in files:
        widgets.notice(f"{name}: {message}", hint, kind="error")
    if files:
        st.button(texts.DISMISS, key="uploads-refused-seen", icon=":material/close:", type="tertiary", on_click=_seen)


def _seen() -> None:
    st.session_state.pop(_REFUSED, None)


def _send(wish: held.Wish) -> None:
    """Send the files one by one, so that each shows when it is there and one that is refused stops no other.

    A run that goes on where one was given up sends those that are not sent yet.
    """
    sending: Sending = wish.given
    files, refused = sending.files, sending.refused
    api = session.client()
    bar = st.progress(0.0)
    for number, file in enumerate(files, 1):
        if number <= sending.sent:
            continue
        said = upload_texts.uploading(file.name, number, len(files))
        bar.progress((number - 1) / len(files), text=render.plain(said))
        with sending.at_work:  # a run that was given up may be at this file still
            if number <= sending.sent:
                continue
            taken = session.attempt(partial(api.upload, ((file.name, file.getvalue()),), keeps_readers=True))
            sending.sent = number
            if isinstance(taken, ApiError):
                refused.append((file.name, taken.message, taken.hint))
            else:
                refused.extend(taken.refused)
    bar.empty()
    st.session_state["uploads-turn"] += 1
    st.session_state[_REFUSED] = refused
    wish.is_over = True
    if len(refused) < len(files):
        st.session_state.said = upload_texts.taken(len(files) - len(refused))
        st.session_state.pop("status", None)
    st.rerun()


def _list(was_busy: bool) -> None:
    shelf = session.attempt(session.client().uploads)
    if isinstance(shelf, ApiError):
        widgets.failure(shelf, "uploads-list")
        return
    if was_busy and not any(one.state == "waiting" for one in shelf.uploads):
        st.rerun()
    if not shelf.uploads:
        widgets.notice(upload_texts.NONE, upload_texts.NONE_HINT, kind="quiet")
        return
    offset = min(int(st.session_state.get(_OFFSET, 0)), (len(shelf.uploads) - 1) // PAGE_SIZE * PAGE_SIZE)
    for one in shelf.uploads[offset : offset + PAGE_SIZE]:
        _upload(one)
    pager.draw(_OFFSET, offset, PAGE_SIZE, len(shelf.uploads))


def _upload(upload: Upload) -> None:
    with st.container(border=True, key=f"upload-{upload.key}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if upload.state == "indexed":
                navigation.document_link(DocumentName(upload.source, upload.key, upload.key, ""), upload.key)
            else:
                st.html(render.element("strong", escape(upload.key)), width="content")
            badge = f"as-badge as-badge-{_BADGES.get(upload.state, 'off')}"
            state = upload_texts.STATES.get(upload.state, upload.state)
            st.html(render.element("span", escape(state), badge), width="content")
        facts = [run_texts.size(upload.size), texts.ago(upload.uploaded_at), upload_texts.read_by(upload.readers)]
        st.html(render.element("div", "".join(render.element("span", escape(one)) for one in facts), "as-about"))
        if upload.error:
            st.html(render.element("p", escape(upload.error), "as-error-text"))
        with st.container(horizontal=True, gap="small"):
            with st.popover(upload_texts.SHARE, icon=":material/group_add:", key=f"share-{upload.key}"):
                _share(upload)
            st.button(
                texts.REMOVE,
                key=f"remove-upload-{upload.key}",
                icon=":material/delete:",
                type="tertiary",
                help=render.plain(upload.key),
                on_click=_set_removing,
                args=(upload.key,),
            )
        if st.session_state.get("removing_upload") == upload.key:
            _confirm_removal(upload)


def _share(upload: Upload) -> None:
    typed = st.text_input(
        upload_texts.SHARED_WITH,
        ", ".join(upload.readers),
        key=f"readers-{upload.key}-{','.join(upload.readers)}",  # others than it was drawn with: drawn anew
        placeholder=upload_texts.SHARE_PLACEHOLDER,
        help=upload_texts.SHARE_HELP,
    )
    if st.button(upload_texts.SAVE, key=f"save-readers-{upload.key}", type="primary"):
        done = session.attempt(lambda: session.client().share_upload(upload.key, groups_of(typed)))
        if isinstance(done, ApiError):
            widgets.notice(done.message, done.hint, kind="error")
            return
        st.session_state.said = upload_texts.shared(upload.key)
        st.rerun()


def _set_removing(key: str | None) -> None:
    st.session_state.removing_upload = key


def _confirm_removal(upload: Upload) -> None:
    asked = upload_texts.REMOVE_TITLE, upload_texts.remove_body(upload.key)
    if not widgets.confirmed(*asked, "remove-upload", lambda: _set_removing(None)):
        return
    outcome = session.attempt(lambda: session.client().remove_upload(upload.key))
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    _set_removing(None)
    st.session_state.said = upload_texts.removed(upload.key)
    st.session_state.pop("status", None)
    st.rerun()
