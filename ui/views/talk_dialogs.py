"""The dialogs of a chat: another name, a file of it, and a link for others."""

from __future__ import annotations

import re
import time
from functools import partial
from html import escape
from urllib.parse import urlsplit

import streamlit as st

from ui import navigation, render, session, signed, talk_texts, talks, widgets
from ui.client import ApiError
from ui.models import ListedConversation
from ui.talk_models import Share
from ui.views import dialogs, turn_actions

_FAILED = "share-failed"
FORMS = (("markdown", "md", "text/markdown"), ("pdf", "pdf", "application/pdf"), ("json", "json", "application/json"))
DAYS = 30


def show() -> None:
    """Keep the dialog on a chat that is wanted open, whatever the page does meanwhile, until it is done or closed."""
    kind, chat = dialogs.wanted()
    if kind == "rename":
        st.dialog(talk_texts.RENAME, on_dismiss=dialogs.close)(_rename)(chat)
    elif kind == "export":
        st.dialog(talk_texts.EXPORT, on_dismiss=dialogs.close)(_export)(chat)
    elif kind == "share":
        title = render.plain(talk_texts.share_title(chat.title))
        st.dialog(title, width="medium", on_dismiss=dialogs.close)(_share)(chat)


def _rename(chat: ListedConversation) -> None:
    with st.form(f"rename-{chat.id}", border=False):
        name = st.text_input(talk_texts.NAME, value=chat.title, max_chars=300, key=f"name-{chat.id}")
        if not st.form_submit_button(talk_texts.SAVE, type="primary"):
            return
    result = session.attempt(lambda: session.client().rename(chat.id, name))
    if isinstance(result, ApiError):
        widgets.notice(result.message, result.hint, kind="error")
        return
    dialogs.close()
    st.rerun()


def _export(chat: ListedConversation) -> None:
    st.html(render.element("p", escape(talk_texts.EXPORT_BODY), "as-quiet-text"))
    file = re.sub(r"[^\w.-]+", "-", chat.title).strip("-.")[:60] or "chat"
    labels = dict(zip(("markdown", "pdf", "json"), (talk_texts.MARKDOWN, talk_texts.PDF, talk_texts.JSON), strict=True))
    for form, ending, kind in FORMS:
        st.download_button(
            labels[form],
            data=partial(session.client().export, chat.id, form),
            file_name=f"{file}.{ending}",
            mime=kind,
            icon=":material/download:",
            on_click="ignore",
            width="stretch",
            key=f"export-{form}",
        )


def _share(chat: ListedConversation) -> None:
    st.html(render.element("p", escape(talk_texts.SHARE_BODY), "as-quiet-text"))
    everyone = st.radio(
        talk_texts.WITH,
        [True, False],
        format_func=lambda all_of_them: talk_texts.WITH_EVERYONE if all_of_them else talk_texts.WITH_SOME,
        key=f"share-with-{chat.id}",
        horizontal=True,
    )
    readers = ["everyone"] if everyone else _readers(chat)
    days = st.selectbox(
        talk_texts.FOR_HOW_LONG,
        list(talk_texts.DAYS),
        index=list(talk_texts.DAYS).index(DAYS),
        format_func=lambda number: talk_texts.DAYS[number],
        key=f"share-days-{chat.id}",
    )
    if st.button(talk_texts.MAKE_LINK, key="make-share", type="primary", icon=":material/link:"):
        if not readers:
            widgets.notice(talk_texts.NOBODY, kind="warning")
        else:
            made = session.attempt(lambda: session.client().share(chat.id, readers, days))
            if isinstance(made, ApiError):
                widgets.notice(made.message, made.hint, kind="error")
    _shared_now(chat)


def _readers(chat: ListedConversation) -> list[str]:
    """Draw the fields that name groups and people; return whom they name."""
    groups = session.attempt(session.client().own_groups)
    own = [] if isinstance(groups, ApiError) else [name for name in groups if name != "everyone"]
    chosen = st.multiselect(talk_texts.READER_GROUPS, own, key=f"share-groups-{chat.id}") if own else []
    people = st.text_input(
        talk_texts.READER_PEOPLE,
        key=f"share-people-{chat.id}",
        placeholder=talk_texts.PEOPLE_PLACEHOLDER,
        help=talk_texts.PEOPLE_HELP,
    )
    return [*chosen, *(f"user:{name.strip()}" for name in people.split(",") if name.strip())]


def _shared_now(chat: ListedConversation) -> None:
    failed: ApiError | None = st.session_state.pop(_FAILED, None)
    if failed is not None:
        widgets.notice(failed.message, failed.hint, kind="error")
    shares = session.attempt(lambda: session.client().shares(chat.id))
    if isinstance(shares, ApiError):
        widgets.failure(shares, "shares")
        return
    turn_actions.listen("copies-shares")
    st.html(render.element("h3", escape(talk_texts.SHARED_NOW), "as-label"))
    open_now = [share for share in shares if share.ended_at is None and share.expires_at > time.time()]
    if not open_now:
        st.html(render.element("p", escape(talk_texts.NOT_SHARED), "as-quiet-text"))
    for share in reversed(open_now):
        _shared_row(chat, share)


def _shared_row(chat: ListedConversation, share: Share) -> None:
    names = (talk_texts.EVERYONE if one == "group:everyone" else one.partition(":")[2] for one in share.readers)
    with st.container(key=f"share-{share.id}", horizontal=True, vertical_alignment="center", gap="small"):
        said = talk_texts.shared_with(", ".join(names), talks.day_of(share.expires_at))
        st.html(render.element("p", escape(said), "as-quiet-text"))
        st.button(
            talk_texts.END_SHARE,
            key=f"end-share-{share.id}",
            type="tertiary",
            icon=":material/link_off:",
            on_click=_end,
            args=(chat, share),
        )
    link = link_to(share.id)
    with st.container(key=f"actions-share-{share.id}", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(render.element("p", escape(link), "as-path"))
        st.html(turn_actions.copy_button(link, talk_texts.COPY_LINK), width="content")


def _end(chat: ListedConversation, share: Share) -> None:
    result = session.attempt(lambda: session.client().end_share(chat.id, share.id))
    if isinstance(result, ApiError):
        st.session_state[_FAILED] = result


def link_to(share: str) -> str:
    """Return the address at which a share is read."""
    here = urlsplit(st.context.url or "")
    base = signed.settings().public_url.rstrip("/") or f"{here.scheme}://{here.netloc}"
    return f"{base}/{navigation.SHARED}?share={share}"
