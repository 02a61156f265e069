"""The field for a question: what it is to read, which model is to answer, what is attached to it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui import ask_texts, navigation, render, session, texts, widgets
from ui.answering import Turn
from ui.client import ApiError
from ui.models import DocumentName
from ui.views import attaching, estimates, scope_picker, unasked

PICTURES = frozenset({"png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff"})


def show(answering: Turn | None, *, follow_up: bool) -> None:
    """Draw the field for a question, with what it is to read.

    Args:
        answering: the turn that is being answered now; nothing is asked meanwhile.
        follow_up: whether the chat has turns already.
    """
    taking = attaching.under_way()
    waits = ask_texts.TAKING if taking else texts.ANSWERING if answering else ""
    with st.bottom:
        widgets.take_drops()
        scope_picker.chips()
        unasked.chips()
        with st.container(key="ask-options", horizontal=True, vertical_alignment="center", gap="small"):
            _options()
            if answering:
                st.button(
                    texts.STOP, key="stop", icon=":material/stop_circle:", on_click=session.stop, args=(answering,)
                )
        st.chat_input(
            waits or (texts.FOLLOW_UP if follow_up else texts.QUESTION),
            key="question",
            max_chars=8_000,
            accept_file="multiple",
            disabled=bool(waits),
            on_submit=_asked,
        )


def ask(question: str) -> None:
    """Ask with what is chosen."""
    estimates.forget()
    session.ask(question, chosen_mode(), scope_picker.chosen(), chosen_model())


def about_link(document: DocumentName) -> None:
    """Show the way to a new chat about one document."""
    place = {"about_source": document.source, "about_key": document.key}
    navigation.link("chat", ask_texts.ASK_ABOUT, icon=":material/forum:", query=place)


def take_address() -> None:
    """Begin a chat about the document that the address names, if it names one that the person may read."""
    query = st.query_params
    source, key = query.get("about_source", ""), query.get("about_key", "")
    if not (source and key):
        return
    found = session.attempt(lambda: session.client().text(source, key, 0, 0))
    session.new_chat()
    if isinstance(found, ApiError):
        session.complain(found)
    else:
        scope_picker.ask_about(found.document)
    query.clear()  # last: where the script is ended before, the next one does it all again


def _asked() -> None:
    given = st.session_state.question
    question, files = (given.text, given.files) if hasattr(given, "files") else (given or "", ())
    held = tuple((file.name, file.getvalue()) for file in files)
    unasked_of = unasked.kept()
    if not question.strip():
        unasked_of.add(held)
        return
    held = (*unasked_of.files, *held)
    pictures = tuple(one for one in held if _ending(one[0]) in PICTURES)
    documents = tuple(one for one in held if _ending(one[0]) not in PICTURES)
    estimates.forget()
    wanted = attaching.Wanted(question, chosen_mode(), scope_picker.chosen(), chosen_model(), pictures)
    if documents:
        attaching.begin(wanted, documents)
        unasked_of.forget()
    else:
        wanted.ask(unasked_of.forget)


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()


def chosen_mode() -> str:
    """Return the mode that the picker holds."""
    return str(st.session_state.get("mode") or "auto")


def chosen_model() -> str:
    """Return the model that the picker holds, empty for whichever is right; one that is no longer offered is none.

    What is offered is what was last known: a question does not wait for the API to say it again.
    """
    model, known = str(st.session_state.get("model") or ""), session.known_status()
    return model if known is None or model in known.models else ""


def _options() -> None:
    """Draw the two choices: how much is read, by which model; and of what."""
    label = " \u00b7 ".join([texts.MODES[chosen_mode()][0], *filter(None, [chosen_model()])])
    with st.popover(render.plain(label), icon=":material/tune:", type="tertiary", help=texts.MODE, key="how"):
        st.radio(
            texts.MODE,
            list(texts.MODES),
            key="mode",
            format_func=lambda mode: texts.MODES[mode][0],
            captions=[caption for _, caption in texts.MODES.values()],
            persist_state="session",
        )
        known = session.known_status()
        _model_picker(known.models if known else ())
        estimates.draw({"mode": chosen_mode(), "model": chosen_model(), **scope_picker.chosen().asked()})
    scope = render.plain(scope_picker.summary())
    with st.popover(scope, icon=":material/filter_list:", type="tertiary", help=texts.OPTIONS, key="of-what"):
        scope_picker.draw()


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
