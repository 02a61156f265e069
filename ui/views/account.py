"""One's own account: who one is here, where one is signed in, and the tokens of one's programs."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import held, once, render, session, widgets
from ui import people_texts as words
from ui.client import ApiError
from ui.models import Status
from ui.views import sign_ins

LONGEST_DAYS = 3650
USUAL_DAYS = 90
_TOKENS_MADE = "tokens-made"  # in this session


def page() -> None:
    """Draw the account."""
    status = session.attempt(session.status)
    if isinstance(status, ApiError):
        widgets.failure(status, "account")
        return
    st.html(render.element("h1", escape(words.ACCOUNT), "as-heading") + _who(status))
    widgets.ways_of_account(has_password=status.has_password)
    st.html(render.element("h2", escape(words.SESSIONS), "as-heading"))
    if sign_ins.sessions() > 1 and st.button(words.END_OTHERS, key="end-others", icon=":material/logout:"):
        ended = session.attempt(session.client().end_sign_ins)
        if isinstance(ended, ApiError):
            widgets.notice(ended.message, ended.hint, kind="error")
        else:
            st.session_state.said = words.ended(ended)
            st.rerun()
    st.html(
        render.element("h2", escape(words.TOKENS), "as-heading")
        + render.element("p", escape(words.TOKENS_BODY), "as-quiet-text")
    )
    once.show("token", words.TOKEN_DONE, words.TOKEN_HINT)
    sign_ins.tokens()
    with st.expander(words.NEW_TOKEN, icon=":material/add:", key="new-token"):
        _form(status)


def _who(status: Status) -> str:
    facts = [status.user, words.ROLES.get(status.role, status.role)]
    about = "".join(render.element("span", escape(fact)) for fact in facts)
    return render.element(
        "div", render.element("h2", escape(status.name or status.user)), "as-source"
    ) + render.element("div", about, "as-about")


def _form(status: Status) -> None:
    usable = words.scopes_for(status.role)
    at = st.session_state.setdefault(_TOKENS_MADE, 0)  # emptied by another key, once a token was made
    with st.form(f"token-{at}", border=False):
        name = st.text_input(
            words.TOKEN_NAME, key=f"token-name-{at}", placeholder=words.TOKEN_NAME_PLACEHOLDER, max_chars=200
        )
        left, right = st.columns([3, 1])
        scopes = left.multiselect(
            words.TOKEN_SCOPES,
            usable,
            usable[:2],
            key=f"token-scopes-{at}",
            placeholder=words.TOKEN_SCOPES_PLACEHOLDER,
            format_func=lambda scope: words.SCOPES[scope],
        )
        days = right.number_input(words.TOKEN_DAYS, 1, LONGEST_DAYS, USUAL_DAYS, key=f"token-days-{at}")
        given = held.filled("token-")
        wish = held.submit(words.MAKE_TOKEN, "make-token", given, type="primary", icon=":material/key:")
    if wish is None:
        return
    api = session.client()
    wrong = once.make(wish, "token", lambda: api.make_token(name.strip(), scopes, int(days)))
    if wrong is not None:
        widgets.notice(wrong.message, wrong.hint, kind="error")
        return
    st.session_state[_TOKENS_MADE] = at + 1
    st.rerun()
