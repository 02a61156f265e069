"""Small parts that several pages use: notices, and errors with a way on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import TypeVar, cast

import streamlit as st

from ui import people_texts, render, signed, texts
from ui.client import ApiError, ApiUnreachableError

T = TypeVar("T")
ASSETS = Path(__file__).parent / "assets"


@lru_cache(maxsize=32)
def asset(name: str) -> str:
    """Return the text of a file in `ui/assets`."""
    return (ASSETS / name).read_text(encoding="utf-8")


def styles() -> None:
    """Add the UI's own style sheet to the page.

    Streamlit sets `color-scheme` on its own root; dialogs stand outside of it, so the body gets it too.
    """
    scheme = st.context.theme.type or "light dark"
    st.html(f"<style>{asset('style.css')}{asset('talks.css')} body {{ color-scheme: {scheme}; }}</style>")


def notice(title: str, body: str = "", *, kind: str = "info") -> None:
    """Show a framed message; see `render.notice`."""
    st.html(render.notice(title, body, kind=kind))


def failure(error: ApiError, key: str, on_retry: Callable[[], None] | None = None) -> None:
    """Show an error of the API in plain words, with a button to try again, or the way to sign in again."""
    if signed.is_out(error):
        notice(people_texts.ENDED, people_texts.ENDED_BODY, kind="warning")
        st.html(way(people_texts.SIGN_IN_AGAIN, signed.enter_url()))
        return
    notice(error.message, error.hint, kind="error")
    st.button(texts.RETRY, key=f"retry-{key}", icon=":material/refresh:", on_click=on_retry)


def latest(found: T | ApiError, key: str) -> T | None:
    """Return what was found; where the API does not answer, say so and return what was found last, None if nothing was.

    A form that is left out of the page forgets what was typed into it: it is drawn from what it was drawn from before.

    Args:
        found: what the API said.
        key: names it in this session.
    """
    name = f"latest-{key}"
    if not isinstance(found, ApiError):
        st.session_state[name] = found
        return found
    failure(found, key)
    if not isinstance(found, ApiUnreachableError):
        st.session_state.pop(name, None)  # such as what the person may not see any more
    return cast("T | None", st.session_state.get(name))


def complaint() -> None:
    """Show once what an action ended in."""
    error: ApiError | None = st.session_state.pop("complaint", None)
    if error is not None:
        notice(error.message, error.hint, kind="error")


def way(label: str, url: str, *, second: bool = False) -> str:
    """Return a link that looks like a button and leads away from the UI in the same window, as HTML."""
    css = "as-way as-way-second" if second else "as-way"
    return render.element("a", escape(label), css, href=url, target="_self")


def ways_of_account(*, has_password: bool) -> None:
    """Show the ways to change the password, where there is one, and to sign out."""
    change = way(people_texts.CHANGE_PASSWORD, signed.change_password_url(), second=True) if has_password else ""
    st.html(render.element("div", change + way(people_texts.SIGN_OUT, signed.sign_out_url(), second=True), "as-ways"))


def confirmed(
    title: str,
    body: str,
    key: str,
    on_cancel: Callable[[], None],
    label: str = "",
    icon: str = ":material/delete:",
) -> bool:
    """Ask whether something is to be done, such as removed; return whether the person says so now.

    Args:
        title, body: what is asked.
        key: what the keys of the buttons, `confirm-` and `cancel-`, end with.
        on_cancel: ends the asking.
        label, icon: of the button that does it; no label: `Remove`.
    """
    notice(title, body, kind="warning")
    with st.container(horizontal=True, gap="small"):
        sure = st.button(label or texts.REMOVE, key=f"confirm-{key}", type="primary", icon=icon)
        st.button(texts.CANCEL, key=f"cancel-{key}", on_click=on_cancel)
    return sure


def hear_estimate(on_asked: Callable[[str], None]) -> None:
    """Hear when an estimate is asked for; `on_asked` is told what stands in the question's field, before a run."""
    listener = st.components.v2.component("question_drafts", js=asset("drafts.js"), isolate_styles=False)

    def tell() -> None:
        draft = (st.session_state.get("question-drafts") or {}).get("draft")
        if draft is not None:
            on_asked(str(draft["text"]))

    listener(key="question-drafts", on_draft_change=tell, height=1)


def take_drops() -> None:
    """Let files that are dropped anywhere on the page go to the question's field."""
    listener = st.components.v2.component("chat_drops", js=asset("drops.js"), isolate_styles=False)
    with st.container(key="page-drops"):
        listener(key="chat-drops", height=1)


def bring_up_errors() -> None:
    """Let an error that is drawn outside the window come into view, where it follows what the person did."""
    listener = st.components.v2.component("page_errors", js=asset("errors.js"), isolate_styles=False)
    with st.container(key="page-errors"):
        listener(key="page-errors-listener", height=1)


def wanted_help() -> bool:
    """Hear the keys; return whether the list of them was asked for just now."""
    listener = st.components.v2.component("chat_keys", js=asset("keys.js"), isolate_styles=False)
    return bool(listener(key="chat-keys", on_help_change=lambda: None, height=1).help)


def said(key: str = "said") -> None:
    """Show once, as a toast, what the last action left to say in the session under `key`."""
    message = st.session_state.pop(key, None)
    if message:
        st.toast(render.plain(message), icon=":material/check:")


# of charts: they are told apart without colour, too, and have contrast enough on light and dark
LINES = ("#2a8f7c", "#c9772b", "#6b7fd7", "#b0568f", "#7a8a3c", "#5f9ea0", "#a0522d", "#708090")


def tile(label: str, value: str, more: str = "") -> str:
    """Return a figure with its name, and perhaps a remark, for a `dl` of the class `as-tiles`."""
    said = render.element("dd", escape(value)) + (render.element("dd", escape(more), "as-more") if more else "")
    return render.element("div", render.element("dt", escape(label)) + said)


def figures(caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of figures: the first cell of each row names it. It scrolls where it is too wide."""
    head = "".join(render.element("th", escape(name), scope="col") for name in columns)
    body = "".join(
        render.element(
            "tr",
            render.element("th", escape(row[0]), scope="row")
            + "".join(render.element("td", escape(cell)) for cell in row[1:]),
        )
        for row in rows
    )
    table = render.element("thead", render.element("tr", head)) + render.element("tbody", body)
    named = render.element("caption", escape(caption), "as-hidden") + table
    return render.element(
        "div", render.element("table", named), "as-figures", tabindex="0", role="region", aria_label=caption
    )
