"""The list of chats in the sidebar: open, find, rename, export, delete."""

from __future__ import annotations

import re
from functools import partial
from html import escape

import streamlit as st

from ui import navigation, render, session, texts
from ui.client import ApiError
from ui.models import ListedConversation

TITLE_CHARACTERS = 34
PER_PAGE = 20


def show() -> None:
    """Draw the list."""
    _undo()
    shown = session.current_chat()  # before the list: a chat that the address names is opened first
    query = str(st.session_state.get("find-chat") or "")
    limit = int(st.session_state.get("chats-shown", PER_PAGE))
    listed = session.attempt(lambda: session.client().conversations(query, limit))
    if isinstance(listed, ApiError):
        return  # the page says that nothing answers
    chats, total = listed
    st.html(render.element("h2", escape(texts.CHATS), "as-label"))
    if total > PER_PAGE or query:
        st.text_input(texts.FIND_CHAT, key="find-chat", placeholder=texts.FIND_CHAT, label_visibility="collapsed")
    if not chats:
        st.html(render.element("p", escape(texts.NO_CHAT_FOUND if query else texts.NO_CHATS), "as-quiet-text"))
    with st.container(key="chat-list", gap=None):
        for chat in chats:
            _row(chat, is_shown=chat.id == shown.id)
    if total > len(chats):
        st.button(texts.MORE_CHATS, key="more-chats", type="tertiary", on_click=_more, args=(limit,))


def _more(limit: int) -> None:
    st.session_state["chats-shown"] = limit + PER_PAGE


def _row(chat: ListedConversation, *, is_shown: bool) -> None:
    short = chat.title
    if len(short) > TITLE_CHARACTERS:
        short = short[: TITLE_CHARACTERS - 1].rstrip() + "\u2026"
    if not is_shown:
        if st.button(render.plain(short), key=f"chat-{chat.id}", width="stretch", type="tertiary"):
            _open(chat.id)
        return
    with st.container(key="chat-shown", horizontal=True, vertical_alignment="center", gap=None):
        if st.button(render.plain(short), key=f"chat-{chat.id}", width="stretch", type="secondary"):
            _open(chat.id)
        with st.popover("", icon=":material/more_horiz:", type="tertiary", help=texts.CHAT_MENU, key="chat-menu"):
            _menu(chat)


def _open(chat_id: str) -> None:
    opened = session.attempt(lambda: session.open_chat(chat_id))
    if isinstance(opened, ApiError):
        session.complain(opened)
    navigation.go("chat")


def _menu(chat: ListedConversation) -> None:
    with st.form(f"rename-{chat.id}", border=False):
        name = st.text_input(texts.CHAT_NAME, value=chat.title, max_chars=300, key=f"name-{chat.id}")
        if st.form_submit_button(texts.RENAME, width="stretch"):
            _done(session.attempt(lambda: session.client().rename(chat.id, name)))
    file = re.sub(r"[^\w.-]+", "-", chat.title).strip("-.")[:60] or "chat"
    for form, label, ending, kind in (
        ("markdown", texts.EXPORT_MARKDOWN, "md", "text/markdown"),
        ("json", texts.EXPORT_JSON, "json", "application/json"),
    ):
        st.download_button(
            label,
            data=partial(session.client().export, chat.id, form),
            file_name=f"{file}.{ending}",
            mime=kind,
            on_click="ignore",
            width="stretch",
            key=f"export-{form}",
        )
    if st.button(texts.DELETE, key="delete-chat", icon=":material/delete:", width="stretch"):
        deleted = session.attempt(lambda: session.client().delete(chat.id))
        if not isinstance(deleted, ApiError):
            st.session_state.deleted_chat = (chat.id, chat.title)
            session.new_chat()
        _done(deleted)


def _done(result: ApiError | None) -> None:
    if isinstance(result, ApiError):
        session.complain(result)
    navigation.go("chat")


def _undo() -> None:
    """Offer to bring back the chat that was deleted last."""
    deleted: tuple[str, str] | None = st.session_state.get("deleted_chat")
    if deleted is None:
        return
    chat_id, title = deleted
    with st.container(key="chat-deleted", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(render.element("p", escape(texts.chat_deleted(title)), "as-quiet-text", role="status"))
        if st.button(texts.UNDO, key="undo-delete", type="tertiary"):
            restored = session.attempt(lambda: session.client().restore(chat_id))
            st.session_state.pop("deleted_chat")
            if isinstance(restored, ApiError):
                _done(restored)
            _open(chat_id)
