"""Changes a source: its configuration by the form that its plugin describes, its schedule and its pace."""

from __future__ import annotations

import time
from html import escape
from typing import Any

import streamlit as st

from ui import admin_texts, asking, drawn, forms, held, render, schemas, session, source_texts, texts, widgets
from ui.client import ApiError, ApiUnreachableError
from ui.models import Json
from ui.runs import Source, Trial
from ui.views import schedule_picker

_KEPT_SECONDS = 60.0
_FORGETTING = "source-forgetting"


def kinds() -> dict[str, Json] | ApiError:
    """Return the kinds of sources with the schemas of their configurations; asked again after a minute."""
    held: tuple[float, dict[str, Json]] | None = st.session_state.get("source_kinds")
    if held and time.monotonic() - held[0] < _KEPT_SECONDS:
        return held[1]
    found = session.attempt(session.client().source_kinds)
    if isinstance(found, ApiUnreachableError) and held:
        return held[1]  # a form that is being filled in stays: without its fields, what they hold is forgotten
    if not isinstance(found, ApiError):
        st.session_state.source_kinds = time.monotonic(), found
    return found


def configuration(source: Source, pointed: str) -> None:
    """Draw the form for a source's configuration.

    Args:
        source: which.
        pointed: the field that a link led to, `secrets` for all of them, empty for none.
    """
    known = kinds()
    if isinstance(known, ApiError):
        widgets.failure(known, "source-kinds")
        return
    if source.kind not in known:
        widgets.notice(source_texts.NOT_EDITED, source_texts.NOT_EDITED_HINT, kind="quiet")
        return
    fields = schemas.fields_of(known[source.kind])
    wrong: dict[str, str] = st.session_state.setdefault(f"wrong-{source.name}", {})
    first = forms.first_key(fields, f"edit-{source.name}")
    was = drawn.base(first, source.config)
    with st.form(f"edit-source-{source.name}", border=False, enter_to_submit=False):
        filled = forms.draw(fields, f"edit-{source.name}", source.config, errors=wrong, pointed=pointed)
        with st.container(horizontal=True, gap="small"):
            sent = held.filled(f"edit-{source.name}")
            saved = held.submit(
                admin_texts.SAVE, f"save-source-{source.name}", sent, type="primary", icon=":material/save:"
            )
            tried = held.submit(admin_texts.TEST, f"retry-source-{source.name}", sent, icon=":material/network_check:")
    if saved is None and tried is None:
        return
    if saved is not None and not saved.is_begun and source.config != was:
        drawn.take(first, source.config)
        held.clear()
        widgets.notice(
            texts.CHANGED_MEANWHILE, admin_texts.changed(schemas.changes(fields, was, source.config)), kind="warning"
        )
        return
    config, api = config_from(fields, filled, wrong, source.config), session.client()
    if config is None:
        held.clear()
        st.rerun()
    elif saved is None:
        with st.spinner(source_texts.TRYING, show_time=True):
            trial = held.do(tried or held.Wish(), lambda: api.retry_source(source.name, config))
        show_trial(trial, fields, wrong)
    else:
        with st.spinner(source_texts.TRYING, show_time=True):
            outcome = held.do(saved, lambda: api.change_source(source.name, config=config))
        _saved(source, outcome, fields, wrong)


def _saved(source: Source, outcome: object, fields: tuple[schemas.Field, ...], wrong: dict[str, str]) -> None:
    if isinstance(outcome, ApiError):
        refused(outcome, fields, wrong)
        return
    st.session_state.said = source_texts.saved(source.name)
    if source.last_error:  # what was mended is tried at once
        session.attempt(lambda: session.client().sync(source.name))
        session.expect_run()
        st.session_state.said = source_texts.mended(source.name)
    drawn.stored(forms.first_key(fields, f"edit-{source.name}"))
    st.query_params.from_dict({"source": source.name})
    st.rerun()


def config_from(
    fields: tuple[schemas.Field, ...], filled: dict[str, Any], wrong: dict[str, str], current: Json | None = None
) -> dict[str, Any] | None:
    """Return the configuration for what was filled in; None where a field is wrong, which `wrong` says then."""
    wrong.clear()
    try:
        return schemas.config_of(fields, filled, current)
    except schemas.FieldError as error:
        wrong[error.field] = str(error)
        return None


def refused(error: ApiError, fields: tuple[schemas.Field, ...], wrong: dict[str, str]) -> None:
    """Say that a configuration is refused: beneath the field that the API names, else as a notice."""
    field = schemas.refused_field(error.message, fields)
    if field and field not in wrong:
        wrong[field] = error.message.rpartition(": ")[2]
        st.rerun()
    widgets.notice(error.message, error.hint, kind="error")


def show_trial(trial: Trial | ApiError, fields: tuple[schemas.Field, ...], wrong: dict[str, str]) -> None:
    """Draw what came of a test: what would be read first, and by whom; or what is wrong."""
    if isinstance(trial, ApiError):
        refused(trial, fields, wrong)
        return
    with st.container(border=True, key="trial"):
        widgets.notice(source_texts.worked(trial), source_texts.trial_hint(trial))
        rows = [
            render.element(
                "li",
                render.element("span", escape(one.key), "as-path")
                + render.element("span", escape(source_texts.read_by(one)), "as-quiet-text"),
            )
            for one in trial.listed
        ]
        st.html(render.element("ul", "".join(rows), "as-failures"))


def passwords(source: Source) -> None:
    """Draw what adds a password to those that are tried on a source's encrypted documents, or forgets them all."""
    with st.expander(source_texts.PASSWORDS, key=f"passwords-{source.name}"):
        st.html(render.element("p", escape(source_texts.stored_passwords(len(source.passwords))), "as-quiet-text"))
        with st.form(f"add-password-{source.name}", border=False, clear_on_submit=True):
            typed = st.text_input(
                source_texts.PASSWORD, type="password", key=f"password-{source.name}", autocomplete="new-password"
            )
            sent = st.form_submit_button(source_texts.ADD_PASSWORD, icon=":material/add:")
        if sent and typed:
            _set_passwords(source, [*source.passwords, typed])
        if not source.passwords:
            return
        if asking.about(_FORGETTING) != source.name:
            st.button(
                source_texts.FORGET,
                key=f"forget-{source.name}",
                type="tertiary",
                icon=":material/delete:",
                on_click=_set_forgetting,
                args=(source.name,),
            )
        elif widgets.confirmed(
            source_texts.FORGET_TITLE, source_texts.FORGET_BODY, "forget", lambda: _set_forgetting(None)
        ):
            _set_forgetting(None)
            _set_passwords(source, [])


def _set_forgetting(name: str | None) -> None:
    asking.ask(_FORGETTING, name)


def _set_passwords(source: Source, given: list[str]) -> None:
    outcome = session.attempt(lambda: session.client().change_source(source.name, passwords=given))
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    st.session_state.said = source_texts.saved(source.name)
    st.rerun()


def schedule(source: Source) -> None:
    """Draw the choice of a source's schedule and of its pace."""
    was = drawn.base(f"at-once-{source.name}", source)
    timed = schedule_picker.pick(f"schedule-{source.name}", source.schedule, source.time_zone)
    timed_before = drawn.base(f"schedule-{source.name}-when", timed)  # as the picker writes it
    with st.expander(source_texts.PACE, key=f"pace-{source.name}"):
        st.html(render.element("p", escape(source_texts.PACE_HELP), "as-quiet-text"))
        left, right = st.columns(2)
        at_once = left.number_input(
            source_texts.AT_ONCE, min_value=1, value=source.concurrency, step=1, key=f"at-once-{source.name}"
        )
        pace = source.per_minute
        least = min(0.1, pace or 0.1)  # a slower one can come from elsewhere
        in_minute = right.number_input(
            source_texts.PER_MINUTE, min_value=least, value=pace, key=f"per-minute-{source.name}"
        )
    if not st.button(admin_texts.SAVE, key=f"save-schedule-{source.name}", type="primary", icon=":material/save:"):
        return
    # what was not changed here may have been elsewhere
    changes: dict[str, object] = {}
    if timed != timed_before:
        changes = {"schedule": timed[0] or None, "time_zone": timed[1]}
    paced = {"concurrency": (at_once, was.concurrency), "per_minute": (in_minute, was.per_minute)}
    changes |= {name: now for name, (now, then) in paced.items() if now != then}
    outcome = session.attempt(lambda: session.client().change_source(source.name, **changes)) if changes else None
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    drawn.stored(f"at-once-{source.name}")
    drawn.stored(f"schedule-{source.name}-when")
    st.session_state.said = source_texts.saved(source.name)
    st.rerun()


def groups_of(typed: str) -> list[str]:
    """Return the names in a line, which commas part."""
    return [name.strip() for name in typed.split(",") if name.strip()]
