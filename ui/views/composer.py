"""The field for a question: what it is to read, which model is to answer, what is attached to it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui import render, session, texts
from ui.client import ApiError
from ui.session import Turn

PICTURES = ("png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff")


def show(answering: Turn | None, *, follow_up: bool) -> None:
    """Draw the field for a question, with what it is to read.

    Args:
        answering: the turn that is being answered now; nothing is asked meanwhile.
        follow_up: whether the chat has turns already.
    """
    with st.bottom:
        with st.container(key="ask-options", horizontal=True, vertical_alignment="center", gap="small"):
            _options()
            if answering:
                st.button(
                    texts.STOP, key="stop", icon=":material/stop_circle:", on_click=session.stop, args=(answering,)
                )
        st.chat_input(
            texts.ANSWERING if answering else texts.FOLLOW_UP if follow_up else texts.QUESTION,
            key="question",
            max_chars=8_000,
            accept_file="multiple",
            file_type=list(PICTURES),
            disabled=answering is not None,
            on_submit=_asked,
        )


def _asked() -> None:
    given = st.session_state.question
    question, files = (given.text, given.files) if hasattr(given, "files") else (given or "", ())
    if files and not question.strip():
        session.complain(ApiError(texts.NO_QUESTION, texts.NO_QUESTION_HINT))
        return
    pictures = tuple((file.name, file.getvalue()) for file in files)
    session.ask(question, chosen_mode(), chosen_sources(), chosen_model(), pictures)


def chosen_mode() -> str:
    """Return the mode that the picker holds."""
    return str(st.session_state.get("mode") or "auto")


def chosen_model() -> str:
    """Return the model that the picker holds, empty for whichever is right; one that is no longer offered is none."""
    model = str(st.session_state.get("model") or "")
    return model if model in _models() else ""


def _models() -> tuple[str, ...]:
    status = session.attempt(session.status)
    return () if isinstance(status, ApiError) else status.models


def chosen_sources() -> tuple[str, ...]:
    """Return the sources that the picker holds, none for all."""
    return tuple(st.session_state.get("scope") or ())


def _options() -> None:
    chosen = [texts.MODES[chosen_mode()][0], texts.scope(chosen_sources()), *filter(None, [chosen_model()])]
    label = " \u00b7 ".join(chosen)
    with st.popover(render.plain(label), icon=":material/tune:", type="tertiary", help=texts.OPTIONS):
        st.radio(
            texts.MODE,
            list(texts.MODES),
            key="mode",
            format_func=lambda mode: texts.MODES[mode][0],
            captions=[caption for _, caption in texts.MODES.values()],
            persist_state="session",
        )
        _model_picker(_models())
        sources = session.attempt(session.client().sources)
        names = [] if isinstance(sources, ApiError) else [source.name for source in sources]
        st.multiselect(texts.SCOPE, names, key="scope", placeholder=texts.ALL_SOURCES, persist_state="session")


def _model_picker(models: Sequence[str]) -> None:
    """Draw the choice of a model where there is one."""
    if len(models) < 2:
        return
    st.session_state.model = chosen_model()
    st.selectbox(
        texts.MODEL,
        ["", *models],
        key="model",
        format_func=lambda model: model or texts.ANY_MODEL,
        help=texts.MODEL_HELP,
        persist_state="session",
    )
