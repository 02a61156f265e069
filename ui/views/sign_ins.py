"""Lists of sessions and tokens, one's own or another's, with what ends them."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import asking, render, session, texts, widgets
from ui import people_texts as words
from ui.client import ApiError
from ui.people import Token

_ASKED = "token-asked"  # the id of the token that the person is asked about


def sessions(person: str = "") -> int:
    """Show where a person is signed in, oneself for none; return in how many browsers."""
    found = session.attempt(lambda: session.client().sign_ins(person))
    if isinstance(found, ApiError):
        widgets.failure(found, f"sessions-{person}")
        return 0
    if not found:
        st.html(render.element("p", escape(words.NO_SESSIONS), "as-quiet-text"))
    for one in found:
        with st.container(horizontal=True, vertical_alignment="center", key=f"session-{one.id}"):
            name = render.element("strong", escape(words.program(one.agent)))
            if one.this:
                name += render.element("span", escape(words.THIS_ONE), "as-badge as-badge-on")
            facts = [one.address, texts.ago(one.used_at)]
            about = "".join(render.element("span", escape(fact)) for fact in facts if fact)
            st.html(render.element("div", name + about, "as-entry"))
            if not one.this and st.button(words.END, key=f"end-session-{one.id}", type="tertiary"):
                _then_again(session.attempt(lambda: session.client().end_sign_in(one.id)))  # noqa: B023 (called at once)
    return len(found)


def tokens(person: str = "") -> None:
    """Show the tokens of a person that are good, oneself for none."""
    found = session.attempt(lambda: session.client().tokens(person))
    if isinstance(found, ApiError):
        widgets.failure(found, f"tokens-{person}")
        return
    good = [one for one in found if one.state == "good"]
    if not good:
        st.html(render.element("p", escape(words.NO_TOKENS), "as-quiet-text"))
    for one in good:
        with st.container(horizontal=True, vertical_alignment="center", key=f"token-{one.id}"):
            facts = [", ".join(words.SCOPES.get(scope, scope) for scope in one.scopes), words.until(one.expires_at)]
            if one.used_at is not None:
                facts.append(texts.ago(one.used_at))
            about = "".join(render.element("span", escape(fact)) for fact in facts)
            st.html(render.element("div", render.element("strong", escape(one.name or one.id)) + about, "as-entry"))
            tip = render.plain(one.name or one.id)
            st.button(words.REVOKE, key=f"revoke-{one.id}", type="tertiary", help=tip, on_click=_ask, args=(one.id,))
        if asking.about(_ASKED) == one.id:
            _confirm(one)


def _ask(token: str | None) -> None:
    asking.ask(_ASKED, token)


def _confirm(token: Token) -> None:
    """Ask whether a token is to be revoked, and do it where the person says so."""
    asked = words.revoke_title(token.name or token.id), words.REVOKE_BODY, f"revoke-{token.id}"
    if widgets.confirmed(*asked, lambda: _ask(None), words.REVOKE, ":material/block:"):
        _ask(None)
        _then_again(session.attempt(lambda: session.client().revoke_token(token.id)))


def _then_again(outcome: object) -> None:
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
    else:
        st.rerun()
