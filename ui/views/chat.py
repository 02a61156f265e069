"""The chat page: questions, streamed answers, citations that open."""

from __future__ import annotations

import time
from collections.abc import Sequence
from html import escape

import streamlit as st

from ui import render, session, texts, tool_html, tool_texts, widgets
from ui.client import ApiError
from ui.opened import Group
from ui.session import Chat, Turn
from ui.views import approvals, place, welcome

FRAME_SECONDS = 0.04
PICTURES = ("png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff")
PICTURE_WIDTH = 160  # pixels


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
    place.panel(_places, newest=answering.id if answering else "", busy=answering is not None)
    _ask_bar(answering, follow_up=bool(chat.turns))
    for turn in chat.turns:
        _turn(turn, is_last=turn is chat.turns[-1])
    if answering:
        st.rerun()  # it is complete now: the ask bar has to know


def _remember(chat: Chat) -> None:
    """Keep the chat in the address, so that loading the page again shows it again."""
    if st.query_params.get("chat", "") != chat.id:
        st.query_params.from_dict({"chat": chat.id} if chat.id else {})


def _complaint() -> None:
    """Show once what an action ended in."""
    error: ApiError | None = st.session_state.pop("complaint", None)
    if error is not None:
        widgets.notice(error.message, error.hint, kind="error")


def _places(turn_id: str) -> Group | None:
    """Return the citations of a turn, for the panel."""
    turn = session.find_turn(turn_id)
    return Group(turn.citations, turn) if turn else None


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


def _turn(turn: Turn, *, is_last: bool) -> None:
    question = render.element("span", escape(texts.YOU), "as-hidden") + escape(turn.question)
    with st.container(key=f"turn-{turn.id}"):
        if st.session_state.get("editing") == turn.id and turn.done:
            _editor(turn)
        else:
            st.html(render.element("h2", question, "as-question"))
        _attached(turn)
        body = st.empty()
        while not turn.done:
            body.html(_under_way(turn))
            time.sleep(FRAME_SECONDS)
        if shown := _answered(turn):
            body.html(shown)
        approvals.ask(turn)
        if turn.error:
            widgets.failure(turn.error, turn.id, lambda: _again(turn))
        if turn.stored:
            _actions(turn, is_last=is_last)


def _attached(turn: Turn) -> None:
    """Show the pictures that belong to the question."""
    attached = turn.stored.attached if turn.stored else ()
    if not attached:
        return
    with st.container(key=f"attached-{turn.id}", horizontal=True, gap="small"):
        for number, name in attached:
            image = session.attachment(turn, number)
            if isinstance(image, ApiError):
                widgets.failure(image, f"attached-{turn.id}-{number}")
            else:
                st.image(image, caption=render.plain(name), width=PICTURE_WIDTH)


def _actions(turn: Turn, *, is_last: bool) -> None:
    """Draw the way to the turn's other versions, and under the last one the ways to make another."""
    versions = turn.stored.versions if turn.stored else ()
    if not is_last and len(versions) < 2:
        return
    with st.container(key=f"actions-{turn.id}", horizontal=True, vertical_alignment="center", gap=None):
        if len(versions) > 1 and turn.id in versions:
            _versions(turn.id, versions)
        if is_last:
            st.button(
                "",
                key=f"again-{turn.id}",
                icon=":material/refresh:",
                type="tertiary",
                help=texts.REGENERATE,
                on_click=lambda: session.regenerate(turn, chosen_mode(), chosen_model()),
            )
            st.button(
                "", key=f"edit-{turn.id}", icon=":material/edit:", type="tertiary", help=texts.EDIT,
                on_click=_edit, args=(turn.id,),
            )  # fmt: skip


def _versions(turn_id: str, versions: Sequence[str]) -> None:
    place = versions.index(turn_id)
    for step, icon, help_text in (
        (-1, ":material/chevron_left:", texts.FORMER_VERSION),
        (1, ":material/chevron_right:", texts.NEXT_VERSION),
    ):
        if step == 1:
            count = escape(texts.version(place + 1, len(versions)))
            st.html(render.element("span", count, "as-quiet-text"), width="content")
        there = 0 <= place + step < len(versions)
        st.button(
            "",
            key=f"version-{step}-{turn_id}",
            icon=icon,
            type="tertiary",
            help=help_text,
            disabled=not there,
            on_click=session.show_version,
            args=(versions[place + step] if there else turn_id,),
        )


def _edit(turn_id: str) -> None:
    st.session_state.editing = turn_id


def _editor(turn: Turn) -> None:
    """Draw the form in which the question is asked otherwise."""
    with st.form(f"editor-{turn.id}"):
        st.text_area(texts.EDITED_QUESTION, value=turn.question, max_chars=8_000, key=f"edited-{turn.id}")
        with st.container(horizontal=True, horizontal_alignment="right"):
            st.form_submit_button(texts.CANCEL_EDIT, on_click=_edit, args=("",))
            st.form_submit_button(texts.ASK_EDITED, type="primary", on_click=_edited, args=(turn,))


def _edited(turn: Turn) -> None:
    question = str(st.session_state.get(f"edited-{turn.id}") or "").strip()
    if question:
        _edit("")
        session.edit(turn, question)


def _again(turn: Turn) -> None:
    if turn.stored:
        session.regenerate(turn, turn.mode, turn.model)
        return
    session.current_chat().turns.remove(turn)
    session.ask(turn.question, turn.mode, turn.sources, turn.model, turn.files)


def _under_way(turn: Turn) -> str:
    if turn.plan is None:
        return _doing(texts.LOOKING)
    so_far = _plan(turn) + render.notes(turn.plan.notes) + tool_html.tool_uses(tuple(turn.tools.values()), ended=False)
    if not turn.text:
        return so_far + _doing(tool_texts.WORKING if turn.tools else texts.plan_sentence(turn.plan))
    return so_far + render.answer_text(turn.text, turn.citations, turn=turn.id, live=True)


def _doing(what: str) -> str:
    return render.element("p", escape(what), "as-doing", role="status")


def _plan(turn: Turn) -> str:
    if turn.plan is None:
        return ""
    stored = turn.stored
    if stored is None or not turn.done:
        return render.plan_details(turn.plan, turn.plan.model, {}, {}, standalone=turn.plan.question)
    return render.plan_details(
        turn.plan, stored.model, stored.usage, stored.timings, standalone=stored.standalone, hidden=stored.hidden
    )


def _answered(turn: Turn) -> str:
    parts = [_plan(turn), render.notes(turn.stored.notes if turn.stored else ())]
    parts.append(tool_html.tool_uses(tuple(turn.tools.values()), ended=True))
    if not turn.found:
        said = turn.text.strip() or texts.NOT_FOUND_HINT
        parts.append(render.notice(texts.NOT_FOUND, "" if said == render.WITHDRAWN else said, kind="quiet"))
        if said != texts.NOT_FOUND_HINT:
            parts.append(render.element("p", escape(texts.NOT_FOUND_HINT), "as-quiet-text"))
    elif turn.text:
        parts.append(render.answer_text(turn.text, turn.citations, turn=turn.id))
    parts += [render.element("p", escape(remark), "as-quiet-text") for remark in _remarks(turn)]
    if turn.found:
        parts.append(render.citation_cards(turn.citations, turn.id, turn.stored.withdrawn if turn.stored else ()))
    return "".join(parts)


def _remarks(turn: Turn) -> list[str]:
    """Return what has to be known of an answer's end and of what it lacks."""
    stored = turn.stored
    if stored is None:
        return []
    said = {"stopped": [texts.STOPPED], "interrupted": [texts.INTERRUPTED]}.get(stored.state, [])
    withdrawn = [texts.WITHDRAWN_NOTE] if stored.withdrawn or render.WITHDRAWN in stored.text else []
    forgotten = [texts.forgotten(stored.forgotten)] if stored.forgotten else []
    return [*said, *withdrawn, *forgotten]
