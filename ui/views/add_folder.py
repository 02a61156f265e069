"""The form that adds a folder of documents, and the progress of the run that follows."""

from __future__ import annotations

import re
from pathlib import PurePosixPath, PureWindowsPath

import streamlit as st

from ui import held, session, texts, widgets
from ui.client import ApiError
from ui.runs import Run


def form(key: str) -> None:
    """Show the form; when it was sent, the folder is a source and its first sync has started.

    Args:
        key: keeps the widgets of two forms apart.
    """
    with st.form(f"add-folder-{key}", border=True):
        path = st.text_input(
            texts.FOLDER, key=f"{key}-path", placeholder=texts.FOLDER_PLACEHOLDER, help=texts.FOLDER_HELP
        )
        left, right = st.columns(2)
        name = left.text_input(
            texts.NAME, key=f"{key}-name", placeholder=texts.NAME_PLACEHOLDER, help=texts.NAME_HELP, max_chars=100
        )
        schedule = right.selectbox(texts.SCHEDULE, list(texts.SCHEDULES), key=f"{key}-schedule")
        readers = st.text_input(
            texts.READERS, key=f"{key}-readers", placeholder=texts.READERS_PLACEHOLDER, help=texts.READERS_HELP
        )
        wish = held.submit(
            texts.ADD,
            f"add-folder-{key}",
            held.filled(f"{key}-"),
            type="primary",
            icon=":material/create_new_folder:",
        )
    if wish is not None:
        _add(wish, path.strip(), name.strip(), texts.SCHEDULES[schedule], [part.strip() for part in readers.split(",")])


def _add(wish: held.Wish, path: str, name: str, schedule: str, readers: list[str]) -> None:
    if problem := _problem(path):
        widgets.notice(problem, kind="error")
        return
    name = name or _name_from(path)
    api = session.client()

    groups = [group for group in readers if group]
    rule = {"default": groups} if groups else None
    outcome = held.do(
        wish, lambda: api.add_source(name, "folder", {"path": path}, schedule=schedule or None, readers=rule)
    )
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    st.session_state.said = texts.added(name)
    session.expect_run()
    st.rerun()


def _problem(path: str) -> str:
    """Return what is wrong with the folder as written, empty if nothing; whether it exists only the API can tell."""
    if not path:
        return texts.FOLDER_MISSING
    if not (PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute() or path.startswith("~")):
        return texts.FOLDER_RELATIVE
    return ""


def _name_from(path: str) -> str:
    """Return a name for the source that the API takes, made from the folder's."""
    last = PureWindowsPath(path).name if "\\" in path else PurePosixPath(path).name
    return re.sub(r"[^\w .@-]+", "-", last).lstrip(" .@-")[:100] or texts.FOLDER.lower()


def progress(run: Run) -> None:
    """Show how far a run is, in words and as a bar."""
    seen = run.counts["seen"]
    st.progress(
        min(1.0, run.done / seen) if seen else 0.0, text=f"{texts.INDEXING} {run.source}: {texts.run_progress(run)}"
    )
