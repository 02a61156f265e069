"""What is shown to whom the API does not know, or not any more: the way to sign in and back."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import people_texts, render, signed, widgets
from ui.views import language


def page(*, must_change: bool) -> None:
    """Draw the page; `must_change`: the person is known, and has to change the password first."""
    if must_change:
        title, body, label = people_texts.CHANGE_FIRST, people_texts.CHANGE_FIRST_BODY, people_texts.CHANGE_PASSWORD
        url = signed.change_password_url()
    else:
        ended = bool(signed.secret())
        title = people_texts.ENDED if ended else people_texts.WELCOME
        body = people_texts.ENDED_BODY if ended else people_texts.WELCOME_BODY
        label, url = people_texts.SIGN_IN, signed.enter_url()
    st.html(
        render.element(
            "div",
            render.element("h1", escape(title)) + render.element("p", escape(body)) + widgets.way(label, url),
            "as-hero",
        )
    )
    with st.container(key="entrance-language", horizontal_alignment="center"):
        language.choice()
