"""The page of models: whether each answers, what its server takes, and a trial."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from ui import facts, held, models_texts, render, session, texts, widgets
from ui.client import ApiError
from ui.overseen import HerdModel, ModelPart, Models, Trial

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_HELD = "models-held"
_LONGEST = 4096


def page() -> None:
    """Draw the herd, each with a trial, and the models of the assistant's own process."""
    st.html(
        render.element("h1", escape(models_texts.MODELS), "as-heading")
        + render.element("p", escape(models_texts.LEAD), "as-quiet-text")
    )
    found = _models()
    if isinstance(found, ApiError):
        widgets.failure(found, "models", _forget)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(models_texts.CHECK, key="models-check", icon=":material/refresh:", on_click=_ask_anew)
        when = render.element("p", escape(texts.ago(found.checked_at)), "as-quiet-text")
        st.html(when, width="content")
    if not found.herd:
        widgets.notice(models_texts.NO_MODELS, models_texts.NO_MODELS_HINT, kind="quiet")
    for model in found.herd:
        _model(model)
    st.html(render.element("h2", escape(models_texts.PARTS), "as-heading"))
    st.html(facts.table(models_texts.COLUMNS, map(_row, found.parts)))


def _models() -> Models | ApiError:
    """Return the models as they were when they were asked last: a trial is not to ask all servers again."""
    fresh = bool(st.session_state.pop("models-fresh", False))
    held: Models | None = st.session_state.get(_HELD)
    if held is not None and not fresh:
        return held
    with st.spinner(models_texts.CHECKING):
        found = session.attempt(lambda: session.client().models(fresh=fresh))
    if not isinstance(found, ApiError):
        st.session_state[_HELD] = found
    return found


def _ask_anew() -> None:
    st.session_state["models-fresh"] = True


def _forget() -> None:
    st.session_state.pop(_HELD, None)


def _model(model: HerdModel) -> None:
    with st.container(border=True, key=f"model-{model.key}"):
        badge = models_texts.ANSWERS if model.reachable else models_texts.ANSWERS_NOT
        about = [model.url, *([model.name] if model.name and model.name != model.key else []), model.server]
        if model.adapter_of:
            about.append(models_texts.adapts(model.adapter_of))
        st.html(
            facts.head(model.key, badge, "on" if model.reachable else "bad")
            + render.element("div", "".join(render.element("span", escape(one)) for one in about if one), "as-about")
        )
        if model.error:
            widgets.notice(model.error, model.hint, kind="error")
        st.html(facts.facts(_facts(model)))
        if model.reachable:
            with st.expander(models_texts.TRY, icon=":material/chat:", key=f"try-{model.key}"):
                _trial(model.key)


def _facts(model: HerdModel) -> list[tuple[str, str]]:
    roles = ", ".join(models_texts.ROLE_NAMES.get(role, role) for role in model.roles)
    rows = [
        (models_texts.ROLES, roles),
        (models_texts.FOR_WHOM, ", ".join(model.groups) or models_texts.EVERYBODY),
    ]
    if model.context_tokens is not None:
        context = _said(models_texts.tokens(model.context_tokens), model, "context_tokens")
        rows.insert(0, (models_texts.CONTEXT, context))
    if model.images_per_prompt is not None:
        rows.append((models_texts.PICTURES, _said(str(model.images_per_prompt), model, "images_per_prompt")))
    if model.tools is not None:
        rows.append((models_texts.TOOLS, _said(models_texts.YES if model.tools else models_texts.NO, model, "tools")))
    if model.counting:
        rows.append((models_texts.COUNTING, models_texts.COUNTERS.get(model.counting, model.counting)))
    if model.load is not None:
        rows.append((models_texts.LOAD, models_texts.load(model.load)))
    return rows


def _said(value: str, model: HerdModel, name: str) -> str:
    """Return a value with who said so."""
    origin = models_texts.ORIGINS.get(model.origins.get(name, ""), "")
    return f"{value} ({origin})" if origin else value


@st.fragment
def _trial(key: str) -> None:
    """Draw the form of a trial; only this is drawn anew while a model writes."""
    with st.form(f"trial-{key}", border=False):
        prompt = st.text_area(
            models_texts.PROMPT, models_texts.PROMPT_DEFAULT, key=f"prompt-{key}", height=80, max_chars=20_000
        )
        most = st.number_input(
            models_texts.MOST, 1, _LONGEST, 256, key=f"most-{key}", help=models_texts.MOST_HELP, width=220
        )
        given = held.filled(f"prompt-{key}", f"most-{key}")
        wish = held.submit(models_texts.ASK, f"trial-{key}", given, type="primary", icon=":material/send:")
    place, figures = st.empty(), st.empty()
    tried: dict[str, tuple[str, str]] = st.session_state.setdefault("tried-models", {})
    if wish is not None and prompt.strip():
        tried[key] = _write(key, prompt.strip(), int(most), place)
        wish.is_over = True
    text, said = tried.get(key, ("", ""))
    if text:
        place.html(text)
    else:
        place.empty()
    if said:
        figures.html(said)


def _write(key: str, prompt: str, most: int, place: DeltaGenerator) -> tuple[str, str]:
    """Let a model answer before the admin's eyes; return the answer and what is said of it, as HTML."""
    place.html(render.element("div", escape(models_texts.WAITING), "as-doing", role="status"))
    text = ""
    try:
        for piece in session.client().try_model(key, prompt, most):
            if isinstance(piece, Trial):
                said = models_texts.figures(piece)
                if piece.finish == "length":
                    said = f"{said} \u00b7 {models_texts.CUT}"
                came = render.answer_text(text) if text else render.notice(models_texts.NOTHING_CAME, kind="quiet")
                return came, render.element("p", escape(said), "as-quiet-text", role="status")
            text += piece
            place.html(render.answer_text(text, live=True))
    except ApiError as error:
        return render.answer_text(text) if text else "", render.notice(error.message, error.hint, kind="error")
    return "", render.notice(models_texts.NOTHING_CAME, kind="quiet")


def _row(part: ModelPart) -> tuple[str, str, str, str]:
    if not part.name:
        return models_texts.PART_NAMES.get(part.part, part.part), "", "", models_texts.NOT_SET
    state = models_texts.LOADED if part.loaded else models_texts.NOT_LOADED
    if part.dimension:
        state = f"{state}, {models_texts.dimension(part.dimension)}"
    return (
        models_texts.PART_NAMES.get(part.part, part.part),
        part.name,
        part.device or models_texts.ANY_DEVICE,
        state,
    )
