"""The list of chats in the sidebar: open, find, and a menu for each."""

from __future__ import annotations

import time
from html import escape
from itertools import groupby

import streamlit as st

from ui import navigation, render, session, talk_texts, talks, texts, widgets
from ui.client import ApiError, ApiUnreachableError
from ui.models import ListedConversation
from ui.views import dialogs

TITLE_CHARACTERS = 60
PER_PAGE = 30
MOST, FIND_CHARACTERS = 1_000, 1_000  # what the API lists at once, and looks for


def show(*, shares: bool = True) -> None:
    """Draw the list; `shares` says whether there is anybody to share a chat with."""
    _undo()
    if st.session_state.pop("chat-failed", False):
        navigation.go("chat")  # which says what went wrong
    shown = session.current_chat()  # before the list: a chat that the address names is opened first
    query = str(st.session_state.get("find-chat") or "")
    limit = int(st.session_state.get("chats-shown", PER_PAGE))
    listed = session.attempt(lambda: session.client().conversations(query, min(limit, MOST)))
    if isinstance(listed, ApiUnreachableError):
        return  # the page says so
    if isinstance(listed, ApiError):
        widgets.failure(listed, "chats")
        return
    chats, total = listed
    st.html(render.element("h2", escape(texts.CHATS), "as-label"))
    if total or query:
        st.text_input(
            talk_texts.FIND,
            key="find-chat",
            placeholder=talk_texts.FIND,
            label_visibility="collapsed",
            icon=":material/search:",
            max_chars=FIND_CHARACTERS,
        )
    if not chats:
        st.html(render.element("p", escape(talk_texts.NOT_FOUND if query else talk_texts.NO_CHATS), "as-quiet-text"))
    _groups(chats, shown.id, shares=shares)
    if total > len(chats) >= MOST:
        st.html(render.element("p", escape(talk_texts.find_others(MOST, total)), "as-quiet-text"))
    elif total > len(chats):
        st.button(texts.MORE_CHATS, key="more-chats", type="tertiary", on_click=_more, args=(limit,))


def _more(limit: int) -> None:
    st.session_state["chats-shown"] = limit + PER_PAGE


def _groups(chats: tuple[ListedConversation, ...], shown: str, *, shares: bool) -> None:
    now, where = time.time(), talks.zone()

    def group(chat: ListedConversation) -> str:
        return "pinned" if chat.pinned else talks.group_of(chat.updated_at, now, where)

    with st.container(key="chat-list", gap=None):
        for name, of_one in groupby(chats, group):
            st.html(render.element("h3", escape(talks.group_title(name)), "as-chat-group"))
            for chat in of_one:
                _row(chat, is_shown=chat.id == shown, shares=shares)


def _row(chat: ListedConversation, *, is_shown: bool, shares: bool) -> None:
    short = chat.title
    if len(short) > TITLE_CHARACTERS:
        short = short[: TITLE_CHARACTERS - 1].rstrip() + "\u2026"
    kind = "shown" if is_shown else "other"
    with st.container(key=f"chat-row-{kind}-{chat.id}", horizontal=True, vertical_alignment="center", gap=None):
        if st.button(render.plain(short), key=f"chat-{chat.id}", width="stretch", type="tertiary", wrap=False):
            _open(chat.id)
        st.menu_button(
            render.plain(talk_texts.menu_of(chat.title)),
            _choices(chat, shares=shares),
            key=f"chat-menu-{chat.id}",
            format_func=_label,
            icon=":material/more_horiz:",
            type="tertiary",
            on_click=_chosen,
            args=(chat,),
            wrap=False,
        )


def _choices(chat: ListedConversation, *, shares: bool) -> list[str]:
    return ["rename", "unpin" if chat.pinned else "pin", *(["share"] if shares else []), "export", "delete"]


def _label(choice: str) -> str:
    icon, label = {
        "rename": ("edit", talk_texts.RENAME),
        "pin": ("keep", talk_texts.PIN),
        "unpin": ("keep_off", talk_texts.UNPIN),
        "share": ("share", talk_texts.SHARE),
        "export": ("download", talk_texts.EXPORT),
        "delete": ("delete", talk_texts.DELETE),
    }[choice]
    return f":material/{icon}: {label}"


def _chosen(chat: ListedConversation) -> None:
    choice = st.session_state[f"chat-menu-{chat.id}"]
    if choice in {"pin", "unpin"}:
        _try(session.attempt(lambda: session.client().pin(chat.id, pinned=choice == "pin")))
    elif choice == "delete":
        is_shown = chat.id == session.current_chat().id
        st.session_state.deleted_chat = (chat.id, chat.title)  # before: nothing is deleted without the way back
        deleted = session.attempt(lambda: session.client().delete(chat.id))
        if isinstance(deleted, ApiError):
            st.session_state.pop("deleted_chat", None)
        elif is_shown:
            session.new_chat()
        _try(deleted)
    elif choice:
        dialogs.want(choice, chat)


def _try(result: ApiError | None) -> None:
    if isinstance(result, ApiError):
        session.complain(result)
        st.session_state["chat-failed"] = True


def _open(chat_id: str) -> None:
    st.session_state.pop("deleted_chat", None)
    opened = session.attempt(lambda: session.open_chat(chat_id))
    if isinstance(opened, ApiError):
        session.complain(opened)
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
            st.session_state.pop("deleted_chat", None)
            if isinstance(restored, ApiError):
                session.complain(restored)
                navigation.go("chat")
            _open(chat_id)
