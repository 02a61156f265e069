"""The chat page: the ask bar, and the turns of the chat that is shown."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui import render, session, texts, widgets
from ui.client import ApiError
from ui.session import Chat, Turn
from ui.views import place, turns, welcome

PICTURES = ("png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff")


def page() -> None:
    """Draw the chat that is shown, its answer under way included."""
    status = session.attempt(session.status)
    chat = session.current_chat()
    _remember(chat)
    _complaint()
    if isinstance(status, ApiError) and not chat.turns:
        widgets.failure(status, "status")
        return
    first = st.empty()  # emptied at once by the first question, and not only when its answer is complete
    if not isinstance(status, ApiError) and not chat.turns:
        with first.container():
            if welcome.show(status):
                return
    answering = chat.answering
    clicked = widgets.clicked_citation(answering.id if answering else "")
    _ask_bar(answering, follow_up=bool(chat.turns))
    turns.show(chat, lambda turn: session.regenerate(turn, chosen_mode(), chosen_model()))
    if answering:
        st.rerun()  # it is complete now: the ask bar has to know
    if clicked:
        _open(*clicked)


def _remember(chat: Chat) -> None:
    """Keep the chat in the address, so that loading the page again shows it again."""
    if st.query_params.get("chat", "") != chat.id:
        st.query_params.from_dict({"chat": chat.id} if chat.id else {})


def _complaint() -> None:
    """Show once what an action ended in."""
    error: ApiError | None = st.session_state.pop("complaint", None)
    if error is not None:
        widgets.notice(error.message, error.hint, kind="error")


def _open(turn_id: str, at: int) -> None:
    turn = session.find_turn(turn_id)
    if turn and 1 <= at <= len(turn.citations):
        place.open_place(turn.citations[at - 1], turn)


def _ask_bar(answering: Turn | None, *, follow_up: bool) -> None:
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
