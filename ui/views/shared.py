"""The page of what others share: the list, and one chat, of which each reader sees what the reader may read."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import navigation, render, session, talk_texts, talks, texts, tool_html, widgets
from ui.answering import Turn
from ui.client import ApiError
from ui.opened import Group
from ui.talk_models import ListedShare, SharedTalk, SharedTurn
from ui.views import place


def page() -> None:
    """Draw the shared chat that the address names, or the list."""
    if st.session_state.pop("to-chat", False):
        navigation.go("chat")
    share = st.query_params.get("share", "")
    if share:
        _talk(share)
    else:
        _list()


def _list() -> None:
    st.html(render.element("h1", escape(talk_texts.SHARED), "as-heading"))
    shared = session.attempt(session.client().shared_with_me)
    if isinstance(shared, ApiError):
        widgets.failure(shared, "shared")
        return
    if not shared:
        widgets.notice(talk_texts.NOTHING_SHARED, talk_texts.NOTHING_SHARED_HINT, kind="quiet")
        return
    st.html(render.element("p", escape(talk_texts.SHARED_BODY), "as-quiet-text"))
    with st.container(key="shared-list", gap=None):
        for one in shared:
            with st.container(key=f"shared-{one.id}", gap=None):
                navigation.link(navigation.SHARED, one.title, icon=":material/forum:", query={"share": one.id})
                st.html(render.element("p", escape(_by(one)), "as-quiet-text as-row"))


def _by(share: ListedShare) -> str:
    said: str = talk_texts.shared_by(share.owner, talks.day_of(share.expires_at))
    return said


def _talk(share: str) -> None:
    navigation.link(navigation.SHARED, talk_texts.BACK, icon=":material/arrow_back:")
    found = session.attempt(lambda: session.client().shared(share))
    if isinstance(found, ApiError):
        widgets.failure(found, "shared")
        return
    st.html(render.element("h1", escape(found.share.title), "as-heading"))
    st.html(render.element("p", escape(_by(found.share)), "as-quiet-text"))
    withheld = sum(_is_withheld(turn) for turn in found.turns)
    if withheld:
        widgets.notice(talk_texts.withheld(withheld, len(found.turns)), kind="quiet")
    place.panel(lambda name: _places(found, name))
    for number, turn in enumerate(found.turns):
        _turn(number, turn)


def _is_withheld(turn: SharedTurn) -> bool:
    return turn.state == "complete" and turn.withdrawn and turn.text.strip() == render.WITHDRAWN


def _missing(turn: SharedTurn) -> tuple[str, str] | None:
    """Return why no answer is shown, and what that means: one that is not finished is shown to nobody."""
    if turn.state == "failed":
        return talk_texts.NO_ANSWER, talk_texts.NO_ANSWER_HELP
    if turn.state != "complete":
        return talk_texts.UNFINISHED, talk_texts.UNFINISHED_HELP
    return (talk_texts.WITHHELD, talk_texts.WITHHELD_HELP) if _is_withheld(turn) else None


def _turn(number: int, turn: SharedTurn) -> None:
    name = f"s{number}"
    with st.container(key=f"turn-{name}"):
        question = render.element("span", escape(talk_texts.ASKED), "as-hidden") + escape(turn.question)
        st.html(render.element("h2", question, "as-question"))
        if missing := _missing(turn):
            widgets.notice(*missing, kind="quiet")
            st.button(
                talk_texts.ASK_YOURSELF,
                key=f"ask-{name}",
                icon=":material/edit_square:",
                type="tertiary",
                on_click=_ask,
                args=(turn.question,),
            )
            return
        parts = [tool_html.tool_uses(turn.tools, ended=True), render.answer_text(turn.text, turn.citations, turn=name)]
        if turn.withdrawn:
            parts.append(render.element("p", escape(texts.WITHDRAWN_NOTE), "as-quiet-text"))
        parts.append(render.citation_cards(turn.citations, name, turn.gone))
        st.html("".join(parts))


def _ask(question: str) -> None:
    session.new_chat()
    session.ask(question)
    st.session_state["to-chat"] = True


def _places(talk: SharedTalk, name: str) -> Group | None:
    """Return the citations of a turn, for the panel."""
    number = name.removeprefix("s")
    if not number.isdigit() or int(number) >= len(talk.turns):
        return None
    turn = talk.turns[int(number)]
    return Group(turn.citations, Turn(turn.question, id=name, done=True))
