"""What can be done with an answer: copy it, say whether it is good, look at its versions, ask again or otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import streamlit as st

from ui import render, session, talk_texts, talks, texts, widgets
from ui.answering import Turn
from ui.talk_models import Said
from ui.views import dialogs

Again = Callable[[Turn], None]
REASON_CHARACTERS = 2_000
WHY = "why"  # the dialog that asks why an answer is no good; on a turn, by id


def listen(key: str = "copies", *, opened: str = "", last: str = "", anchor: str = "") -> None:
    """Let the buttons that copy do so, on a page or in a dialog.

    Args:
        key: the component's.
        opened: id of the chat that is shown; when it is another, its turn `last` is brought into view.
        anchor: id of the turn that stays in view when earlier ones come above it.
    """
    listener = st.components.v2.component("copies", js=widgets.asset("copies.js"), isolate_styles=False)
    listener(
        key=key,
        data={
            "copied": talk_texts.COPIED,
            "failed": talk_texts.COPY_FAILED,
            "opened": opened,
            "last": last,
            "anchor": anchor,
        },
        height=1,
    )


def show(turn: Turn, again: Again, *, is_last: bool) -> None:
    """Draw the row under an answer; the last one can be answered again."""
    versions = turn.stored.versions if turn.stored else ()
    key = f"actions-{'last' if is_last else 'former'}-{turn.id}"
    with st.container(key=key, horizontal=True, vertical_alignment="center", gap=None):
        if len(versions) > 1 and turn.id in versions:
            _versions(turn.id, versions)
        if turn.text.strip():
            st.html(copy_button(talks.copied(turn)), width="content")
            _verdicts(turn)
        _icon(f"edit-{turn.id}", "edit", texts.EDIT, edit, turn.id)
        if is_last:
            _icon(f"again-{turn.id}", "refresh", texts.REGENERATE, again, turn)
    if dialogs.wanted() == (WHY, turn.id):
        st.dialog(talk_texts.WHY, on_dismiss=dialogs.close)(_why)(turn)


def edit(turn_id: str) -> None:
    """Have the form drawn in which a question is asked otherwise; with an empty id, in place of none."""
    st.session_state.editing = turn_id


def copy_button(text: str, label: str = "") -> str:
    """Return a button that copies a text, as HTML; copies.js listens for `data-copy`. It is named as `label`."""
    icon = render.element("span", "content_copy", "as-icon", aria_hidden="true")
    css = "as-icon-button"
    name = label or talk_texts.COPY
    return render.element("button", icon, css, type="button", data_copy=text, aria_label=name, title=name)


def _icon(key: str, icon: str, label: str, action: Callable[..., None], *args: object) -> None:
    st.button(label, key=key, icon=f":material/{icon}:", type="tertiary", help=label, on_click=action, args=args)


def _versions(turn_id: str, versions: Sequence[str]) -> None:
    place = versions.index(turn_id)
    for step, icon, help_text in ((-1, "chevron_left", texts.FORMER_VERSION), (1, "chevron_right", texts.NEXT_VERSION)):
        if step == 1:
            count = render.element("span", f"{place + 1}/{len(versions)}", aria_hidden="true")
            said = render.element("span", escape(texts.version(place + 1, len(versions))), "as-hidden")
            st.html(render.element("span", count + said, "as-version"), width="content")
        there = 0 <= place + step < len(versions)
        st.button(
            help_text,
            key=f"version-{step}-{turn_id}",
            icon=f":material/{icon}:",
            type="tertiary",
            help=help_text,
            disabled=not there,
            on_click=session.show_version,
            args=(versions[place + step] if there else turn_id,),
        )


def _verdicts(turn: Turn) -> None:
    said = talks.said_of(turn)
    for verdict, icon, label in (("up", "thumb_up", talk_texts.UP), ("down", "thumb_down", talk_texts.DOWN)):
        given = said is not None and said.verdict == verdict
        with st.container(key=f"said-{verdict}-{'given' if given else 'open'}-{turn.id}", width="content"):
            _icon(f"{verdict}-{turn.id}", icon, label, _judged, turn, verdict)


def _judged(turn: Turn, verdict: str) -> None:
    """Take a click on a thumb: up says so, or takes it back; down says so and asks why."""
    said = talks.said_by_now(turn)
    if verdict == "up" and said is not None and said.verdict == "up":
        if talks.take_back(turn):
            st.session_state.said = talk_texts.TAKEN_BACK
    elif said is not None and said.verdict == verdict:
        dialogs.want(WHY, turn.id)
    elif talks.say(turn, Said(verdict)):
        if verdict == "down":
            dialogs.want(WHY, turn.id)
        else:
            st.session_state.said = talk_texts.THANKS


def _why(turn: Turn) -> None:
    said = talks.said_of(turn) or Said("down")
    with st.form(f"why-{turn.id}", border=False):
        cause = st.pills(
            talk_texts.WHY,
            list(talk_texts.CAUSES),
            default=said.cause or None,
            format_func=lambda name: talk_texts.CAUSES[name],
            key=f"cause-{turn.id}",
            label_visibility="collapsed",
        )
        reason = st.text_area(
            talk_texts.REASON,
            value=said.reason,
            max_chars=REASON_CHARACTERS,
            placeholder=talk_texts.REASON_PLACEHOLDER,
            key=f"reason-{turn.id}",
        )
        st.html(render.element("p", escape(talk_texts.WHO_SEES), "as-quiet-text"))
        with st.container(horizontal=True, horizontal_alignment="right"):
            back = st.form_submit_button(talk_texts.TAKE_BACK)
            sent = st.form_submit_button(talk_texts.SEND, type="primary")
    if back and talks.take_back(turn):
        st.session_state.said = talk_texts.TAKEN_BACK
    elif sent and talks.say(turn, Said("down", str(cause or ""), reason.strip())):
        st.session_state.said = talk_texts.THANKS
    elif back or sent:  # what was written stays
        widgets.complaint()
        return
    else:
        return
    dialogs.close()
    st.rerun()
