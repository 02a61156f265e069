"""The choice of the language, and what the page itself says of its language."""

from __future__ import annotations

import json

import streamlit as st

from ui import language_texts, languages, widgets


def choice() -> None:
    """Draw the choice; the language changes at once, and the browser keeps it."""
    spoken = languages.current()
    label = f"{language_texts.LANGUAGE}: {languages.LANGUAGES[spoken]}"
    with st.popover(label, icon=":material/language:", type="tertiary"):
        st.radio(
            language_texts.LANGUAGE,
            list(languages.LANGUAGES),
            list(languages.LANGUAGES).index(spoken),
            key=f"language-from-{spoken}",  # anew in each language: it shows the one that is spoken, however it came
            format_func=lambda language: languages.LANGUAGES[language],
            label_visibility="collapsed",
            on_change=_chosen,
            args=(f"language-from-{spoken}",),
        )


def _chosen(key: str) -> None:
    languages.choose(str(st.session_state[key]))


def mark() -> None:
    """Say in the page's root which language it is in, for screen readers, and let the browser keep what was chosen."""
    say = st.components.v2.component("page_language", js=widgets.asset("language.js"), isolate_styles=False)
    said = {"language": languages.current(), "direction": languages.direction(), "cookie": ""}
    if languages.chosen():
        said["cookie"] = f"{languages.COOKIE}={languages.current()}"
    with st.container(key="page-language"):
        if languages.current() != languages.DEFAULT:
            _draw_over(more=language_texts.MORE_OR_LESS, skip=language_texts.SKIP)
        say(key="page-language-mark", data=said, height=1)


def _draw_over(**words: str) -> None:
    """Give the style sheet the words that stand in the place of Streamlit's own English ones."""
    named = " ".join(f"--as-words-{name}: {json.dumps(text, ensure_ascii=False)};" for name, text in words.items())
    st.html(f"<style>:root {{ {named} }}</style>")
