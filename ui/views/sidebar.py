"""The sidebar: a new chat, the links to the pages, the chats, and what the assistant holds and runs on."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import ask_texts, navigation, people_texts, render, session, texts, widgets
from ui.client import ApiError
from ui.models import Status
from ui.navigation import Ways
from ui.views import chats, keyboard, language, talk_dialogs


def show(status: Status | ApiError, ways: Ways, here: str) -> None:
    """Draw the sidebar.

    Args:
        status: what the API says of itself and of who is signed in.
        ways: links to the pages.
        here: the path of the page that is shown.
    """
    with st.sidebar:
        if st.button(texts.NEW_CHAT, key="new-chat", icon=":material/edit_square:", width="stretch"):
            session.new_chat()
            st.session_state.pop("deleted_chat", None)
            navigation.go("chat")
        _links(ways, here)
        if not isinstance(status, ApiError):
            chats.show(shares=status.has_accounts)
        with st.container(key="status-footer"):
            if not isinstance(status, ApiError) and status.has_accounts:
                _menu(status)
            keys = st.button(ask_texts.KEYS, key="list-keys", icon=":material/keyboard:", type="tertiary")
            language.choice()
            st.html(_status(status))
    keyboard.listen(asked=keys)
    talk_dialogs.show()


def _links(ways: Ways, here: str) -> None:
    """Show the links to the pages; those for running the assistant are folded while none of them is shown."""
    with st.container(key="ways", gap=None):
        for way in ways.asking:
            navigation.link(way.page, way.title, icon=way.icon)
    if not ways.managing:
        return
    is_here = any(way.page == here for way in ways.managing)
    with st.expander(texts.MANAGE, key=f"manage-{is_here}", expanded=is_here, icon=":material/admin_panel_settings:"):
        for way in ways.managing:
            navigation.link(way.page, way.title, icon=way.icon)


def _menu(status: Status) -> None:
    """Show who is signed in, with what the person does with the own account."""
    with st.popover(render.plain(status.name or status.user), icon=":material/account_circle:", width="stretch"):
        role = people_texts.ROLES.get(status.role, status.role)
        st.html(render.element("p", escape(f"{status.user} \u00b7 {role}"), "as-quiet-text"))
        navigation.link("account", people_texts.ACCOUNT, icon=":material/manage_accounts:")
        widgets.ways_of_account(has_password=status.has_password)


def _status(status: Status | ApiError) -> str:
    if isinstance(status, ApiError):
        line = _line("as-dot as-dot-off", texts.NOT_CONNECTED)
        return render.element("div", line, "as-status")
    rows = [
        (texts.ANSWERS, status.model),
        (texts.EMBEDDER, status.embedder),
        (texts.SIGNED_IN, status.user),
        (texts.VERSION, status.version),
    ]
    table = "".join(
        render.element("dt", escape(name)) + render.element("dd", escape(value)) for name, value in rows if value
    )
    summary = render.element("summary", _line("as-dot", texts.holdings(status)))
    return render.element("details", summary + render.element("dl", table, "as-facts"), "as-status")


def _line(dot: str, text: str) -> str:
    return render.element("span", "", dot, aria_hidden="true") + render.element("span", escape(text))
