"""Takes the files that a question is asked about: they are brought and read first, and then it is asked of them."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from textwrap import shorten

import streamlit as st

from ui import ask_texts, render, session, widgets
from ui.answering import Chat, Files
from ui.client import ApiClient, ApiError
from ui.models import DocumentName
from ui.scopes import Scope
from ui.uploads import Upload
from ui.views import scope_picker

POLL_SECONDS = 1.0
_KEY = "taking"
_SHOWN = 80  # characters of a question that is named in another chat


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question with everything that it is asked with."""

    question: str
    mode: str
    scope: Scope
    model: str
    pictures: Files = ()

    def ask(self, taken: Callable[[], None] = lambda: None) -> None:
        """Ask it; `taken` is called as soon as it is in the chat."""
        session.ask(self.question, self.mode, self.scope, self.model, self.pictures, taken)


@dataclass(slots=True)
class Taking:
    """Files on their way in: `sent` are with the API, `failed` are names with what is wrong and what to do; those that
    are `replaced` took the place of an upload of the same name.

    `problem`: why none of them could be sent, or how far they are cannot be seen. `is_asked`: the question is in the
    chat. A script that is given up may still send them; the newer one then only looks.
    """

    chat: Chat
    wanted: Wanted
    files: Files
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    sent: tuple[Upload, ...] = ()
    failed: dict[str, tuple[str, str]] = field(default_factory=dict)
    replaced: frozenset[str] = frozenset()
    problem: ApiError | None = None
    is_asked: bool = False
    at_work: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def ready(self) -> tuple[DocumentName, ...]:
        """The files that can be asked about."""
        return tuple(DocumentName(u.source, u.key, u.key, "") for u in self.sent if u.state == "indexed")

    @property
    def is_under_way(self) -> bool:
        """Whether some of them are not there yet."""
        if not self.sent and not self.failed:
            return True
        # not by their number: of two files of the same name the second takes the place of the first
        return any(one.state != "indexed" and one.key not in self.failed for one in self.sent)


def begin(wanted: Wanted, files: Files) -> None:
    """Take files in; the question is asked when they can be read."""
    st.session_state[_KEY] = (*_all(), Taking(session.current_chat(), wanted, files))


def under_way() -> str:
    """Return the id of the question whose files are being taken in for the chat that is shown; empty: there is none."""
    taking = _taking()
    return taking.id if taking else ""


def show() -> None:
    """Draw the question that waits for its files, and how far they are."""
    taking = _taking()
    if taking is None:
        return
    question = render.element("h2", escape(taking.wanted.question), "as-question")
    with st.container(key=f"turn-{taking.id}"):
        st.html(question)
        _follow()


def elsewhere() -> None:
    """Name the questions that wait for their files in other chats, each with the way back to it."""
    for taking in _all():
        if session.is_shown(taking.chat):
            continue
        with st.container(key=f"elsewhere-{taking.id}", horizontal=True, vertical_alignment="center", gap="small"):
            words = ask_texts.waits_elsewhere(shorten(taking.wanted.question, _SHOWN, placeholder="\u2026"))
            st.html(render.element("span", escape(words), "as-quiet-text", role="status"), width="content")
            st.button(ask_texts.BACK_TO_QUESTION, key=f"back-{taking.id}", on_click=_back, args=(taking,))
            st.button(ask_texts.DROP_QUESTION, key=f"drop-{taking.id}", type="tertiary", on_click=_drop, args=(taking,))


def _back(taking: Taking) -> None:
    """Show the chat of a question again; where that was deleted meanwhile, the question waits in a new one."""
    if not taking.chat.id:
        session.show(taking.chat)
        return
    opened = session.attempt(lambda: session.open_chat(taking.chat.id))
    if not isinstance(opened, ApiError):
        return
    session.complain(opened)
    if opened.code == "NotFoundError":
        session.new_chat()
        taking.chat = session.current_chat()


@st.fragment(run_every=POLL_SECONDS)
def _follow() -> None:
    taking = _taking()
    if taking is None:  # a button of this fragment has ended it: the rest of the page does not know yet
        st.rerun()
    if taking.problem is None and taking.at_work.acquire(blocking=False):
        try:
            taking.problem = _step(taking)
        finally:
            taking.at_work.release()
    st.html(_progress(taking))
    if taking.problem is not None:
        widgets.failure(taking.problem, "taking", lambda: _again(taking))
        st.button(ask_texts.DROP_QUESTION, key="taking-drop", on_click=_drop, args=(taking,))
    elif taking.is_under_way:
        st.button(ask_texts.DROP_QUESTION, key="taking-drop", type="tertiary", on_click=_drop, args=(taking,))
    elif taking.failed:
        _decide(taking)
    elif not session.current_chat().answering:  # else the next look asks it
        _ask(taking)
        st.rerun()


def _step(taking: Taking) -> ApiError | None:
    """Send the files where they are not, else look how far they are; return why that cannot be done."""
    api = session.client()
    if not taking.sent and not taking.failed:
        with st.spinner(ask_texts.TAKING):
            return _send(taking, api)
    elif taking.is_under_way:
        listed = session.attempt(api.uploads)
        if isinstance(listed, ApiError):
            return listed
        _look(taking, listed.uploads)
    return None


def _send(taking: Taking, api: ApiClient) -> ApiError | None:
    """Send the files, and note what became of them before anything can end this run: no file is sent twice."""
    taken = session.attempt(lambda: api.upload(taking.files))
    if not isinstance(taken, ApiError):
        taking.sent = taken.uploads
        taking.replaced = frozenset(one.key for one in taken.uploads if one.replaced)
        taking.failed = {name: (error, hint) for name, error, hint in taken.refused}
        return None
    if len(taking.files) > 1 or taken.code in {"Unreachable", "Timeout", "NotSignedInError"}:
        return taken
    taking.failed[taking.files[0][0]] = (taken.message, taken.hint)
    return None


def _look(taking: Taking, listed: Sequence[Upload]) -> None:
    """Take what became of the files; one that is not listed any more was removed meanwhile."""
    keys = {upload.key for upload in taking.sent}
    taking.sent = tuple(upload for upload in listed if upload.key in keys)
    for upload in taking.sent:
        if upload.state == "failed":
            taking.failed[upload.key] = (upload.error, "")
    for gone in keys - {upload.key for upload in taking.sent}:
        taking.failed[gone] = (ask_texts.file_failed(gone, ask_texts.UPLOAD_STATES["failed"]), "")


def _progress(taking: Taking) -> str:
    states = {upload.key: upload.state for upload in taking.sent}
    names = list(dict.fromkeys([*states, *taking.failed])) or [name for name, _ in taking.files]
    rows = "".join(
        render.element(
            "li",
            render.element("span", escape(name), "as-title")
            + render.element("span", escape(_said(name, states, taking)), "as-quiet-text"),
        )
        for name in names
    )
    goes_on = taking.is_under_way and taking.problem is None
    head = render.element("p", escape(ask_texts.TAKING), "as-doing", role="status") if goes_on else ""
    hint = render.element("p", escape(ask_texts.TAKING_HINT), "as-quiet-text") if goes_on else ""
    return head + render.element("ul", rows, "as-files") + hint


def _said(name: str, states: dict[str, str], taking: Taking) -> str:
    state = "failed" if name in taking.failed else states.get(name, "sending")
    said = ask_texts.UPLOAD_STATES[state]
    return f"{said}, {ask_texts.REPLACED}" if name in taking.replaced else said


def _decide(taking: Taking) -> None:
    """Say what cannot be read, and let the person say whether to ask all the same."""
    title = ask_texts.NOT_TAKEN if taking.ready else ask_texts.NOT_TAKEN_ANY
    for number, (name, (error, hint)) in enumerate(taking.failed.items()):
        widgets.notice(title if not number else name, f"{ask_texts.file_failed(name, error)} {hint}", kind="error")
    with st.container(horizontal=True, gap="small"):
        st.button(ask_texts.ASK_WITHOUT, key="taking-ask", type="primary", on_click=_ask, args=(taking,))
        st.button(ask_texts.DROP_QUESTION, key="taking-drop", on_click=_drop, args=(taking,))


def _ask(taking: Taking) -> None:
    if session.current_chat().answering:
        return  # nothing is asked meanwhile
    if not taking.is_asked:
        if taking.ready:
            scope_picker.ask_about(*taking.ready)
        scope = scope_picker.chosen() if taking.ready else taking.wanted.scope
        replace(taking.wanted, scope=scope).ask()
        taking.is_asked = True
    _drop(taking)  # last: a script that is ended before it leaves the question to the next one


def _again(taking: Taking) -> None:
    taking.problem = None


def _drop(taking: Taking) -> None:
    st.session_state[_KEY] = tuple(one for one in _all() if one.id != taking.id)


def _all() -> tuple[Taking, ...]:
    """Return the questions of this session that wait for their files, in whichever chat."""
    waiting: tuple[Taking, ...] = st.session_state.get(_KEY, ())
    return waiting


def _taking() -> Taking | None:
    """Return the question that waits for its files in the chat that is shown; one in another chat waits there."""
    return next((one for one in _all() if session.is_shown(one.chat)), None)
