"""The page of the index: what it is and finds, another one beside it with progress, the swap and the way back."""

from __future__ import annotations

import time
from collections.abc import Callable
from html import escape
from typing import Any

import streamlit as st

from ui import asking, facts, held, index_texts, navigation, render, session, texts, widgets
from ui.client import ApiError
from ui.overseen import IndexOverview, IndexRow, Progress

_LOOK_SECONDS = 1.0
_LEAST_RECALL = 0.97
_ASKING = "index-asking"
_STOPPED = "index-stopped"
_BADGES = {"current": "on", "ready": "busy", "building": "busy"}


def page() -> None:
    """Draw the index in use, what goes on, the others, and the form for another one."""
    st.html(
        render.element("h1", escape(index_texts.INDEX), "as-heading")
        + render.element("p", escape(index_texts.LEAD), "as-quiet-text")
    )
    complaint: ApiError | None = st.session_state.pop("complaint", None)
    if complaint is not None:
        widgets.notice(complaint.message, complaint.hint, kind="error")
    found = session.attempt(session.client().index)
    if isinstance(found, ApiError):
        widgets.failure(found, "index")
        return
    _work(found)
    _current(found)
    _recall(found)
    _others(found)
    with st.expander(index_texts.BUILD, icon=":material/construction:", key="index-build"):
        _build(found)
    _suspicions(found)


def _work(found: IndexOverview) -> None:
    """Show what goes on, looking again and again; or what came of it."""
    if found.at_work:
        _live()
        return
    last = found.progress
    if last is None or last.ended_at is None:
        return
    said = f"{index_texts.progress(last)} \u00b7 {index_texts.took(last.ended_at - last.started_at)}"
    if last.phase == "failed":
        widgets.notice(f"{index_texts.TASKS[last.task]}: {last.error}", last.hint, kind="error")
        if last.lacking:
            with st.expander(index_texts.LACKING, key="index-lacking"):
                lines = "".join(render.element("li", escape(one)) for one in last.lacking)
                st.html(render.element("ul", lines, "as-failures"))
    else:
        widgets.notice(said, kind="quiet")


@st.fragment(run_every=_LOOK_SECONDS)
def _live() -> None:
    found = session.attempt(session.client().index)
    if isinstance(found, ApiError):
        widgets.notice(found.message, found.hint, kind="error")
        return
    if not found.at_work or found.progress is None:
        st.session_state.pop(_STOPPED, None)
        st.rerun()
    with st.container(border=True, key="index-live"):
        _stopped()
        one = found.progress
        share = one.done / one.total if one.total and one.task == "build" else 0.0
        if one.phase == "building":
            st.progress(min(1.0, share), text=render.plain(index_texts.progress(one)))
        else:
            st.html(render.element("div", escape(index_texts.progress(one)), "as-doing", role="status"))
        with st.container(horizontal=True, vertical_alignment="center"):
            if one.task == "build":
                st.button(index_texts.STOP, key="index-stop", icon=":material/stop:", on_click=_stop)
            st.html(
                render.element("p", escape(index_texts.took(time.time() - one.started_at)), "as-quiet-text"),
                width="content",
            )


def _stop() -> None:
    kept: dict[str, Any] = st.session_state.setdefault(_STOPPED, {})
    kept["outcome"] = session.attempt(session.client().stop_index)


def _stopped() -> None:
    """Say what came of stopping, here: what is noted for the whole page is not seen until this part has ended."""
    kept = st.session_state.get(_STOPPED)
    if kept is None:
        return
    outcome = kept.get("outcome")
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
    else:
        widgets.notice(index_texts.STOPPING, kind="quiet")


def _current(found: IndexOverview) -> None:
    sizes = found.sizes
    row = next((one for one in found.indexes if one.name == found.current), found.indexes[0])
    with st.container(border=True, key="index-current"):
        st.html(facts.head(index_texts.CURRENT))
        if sizes.index_error:
            widgets.notice(index_texts.INDEX_FAILS, sizes.index_error, kind="error")
        server = index_texts.ON_A_SERVER
        st.html(
            facts.facts(
                [
                    (index_texts.NAME, f"{found.current} ({index_texts.ENGINES.get(found.engine, found.engine)})"),
                    (index_texts.EMBEDDER, found.embedder),
                    (index_texts.VECTORS, index_texts.dimensions(found.dimension)),
                    (index_texts.CHUNK_TOKENS, index_texts.tokens(row.chunk_tokens)),
                    (index_texts.SPARSE, row.sparse_embedder or index_texts.NONE),
                    (index_texts.DOCUMENTS, index_texts.in_index(sizes.documents, sizes.indexed_documents)),
                    (index_texts.CHUNKS, index_texts.in_index(sizes.chunks, sizes.indexed_chunks)),
                    (index_texts.TOKENS, index_texts.number(sizes.tokens)),
                    (index_texts.SIZE, server if sizes.index_bytes is None else index_texts.size(sizes.index_bytes)),
                    (
                        index_texts.CATALOG,
                        server if sizes.catalog_bytes is None else index_texts.size(sizes.catalog_bytes),
                    ),
                    (index_texts.FREE, index_texts.size(sizes.free_bytes)),
                ]
            )
        )


def _recall(found: IndexOverview) -> None:
    with st.container(border=True, key="index-recall"):
        st.html(facts.head(index_texts.RECALL) + render.element("p", escape(index_texts.RECALL_HELP), "as-quiet-text"))
        known = found.recall
        if known is None:
            st.html(render.element("p", escape(index_texts.NOT_MEASURED)))
        elif not known.shares:
            st.html(render.element("p", escape(index_texts.ALWAYS_EXACT)))
        else:
            rows = [(index_texts.part(share), index_texts.part(recall)) for share, recall in known.shares]
            st.html(
                facts.table((index_texts.READER, index_texts.FOUND), rows)
                + render.element("p", escape(index_texts.measured(known, texts.ago(known.at))), "as-quiet-text")
            )
            if known.worst < _LEAST_RECALL:
                widgets.notice(index_texts.LOW_RECALL, kind="warning")
        st.button(
            index_texts.CHECK_RECALL,
            key="index-check",
            icon=":material/straighten:",
            disabled=found.at_work,
            on_click=_begin,
            args=(lambda: session.client().check_recall(),),
        )


def _others(found: IndexOverview) -> None:
    if len(found.indexes) < 2:
        return
    st.html(render.element("h2", escape(index_texts.OTHERS), "as-heading"))
    kept = [one for one in found.indexes if one.state == "kept"]
    newest = max(kept, key=lambda one: one.swapped_at or 0.0, default=None)
    for row in reversed(found.indexes):
        with st.container(border=True, key=f"index-{row.name}"):
            _row(row, found, is_former=newest is not None and row.name == newest.name)


def _row(row: IndexRow, found: IndexOverview, *, is_former: bool) -> None:
    state = index_texts.STATES.get(row.state, row.state)
    about = [index_texts.made_by(row.embedder, row.chunk_tokens, row.sparse_embedder)]
    if row.state == "building":
        about.append(index_texts.of_all(row.done, row.total))
    st.html(
        facts.head(row.name, state, _BADGES.get(row.state, "off"))
        + render.element("div", "".join(render.element("span", escape(one)) for one in about if one), "as-about")
    )
    if row.error:
        widgets.notice(row.error, kind="error")
    compared = found.compared.get(row.name)
    if row.state == "ready" and compared is not None:
        widgets.notice(index_texts.COMPARED, index_texts.compared(compared), kind="quiet")
    can = {
        "over": row.state == "ready" and compared is not None,
        "back": is_former,
        "drop": row.state in {"building", "ready", "kept"},
    }
    with st.container(horizontal=True, gap="small"):
        if can["over"]:
            _asks(index_texts.GO_OVER, ":material/swap_horiz:", row.name, "over", found)
        elif row.state in {"building", "ready"}:
            _go_on(row.name, found)
        if can["back"]:
            _asks(index_texts.GO_BACK, ":material/undo:", row.name, "back", found)
        if can["drop"]:
            _asks(index_texts.GIVE_UP, ":material/delete:", row.name, "drop", found)
    name, what, worse = asking.about(_ASKING) or ("", "", False)
    if name == row.name and can[what]:
        _confirm(name, what, worse=worse)
    elif name == row.name:  # somebody else did something meanwhile: what was asked means nothing any more
        _ask(None)


def _asks(label: str, icon: str, name: str, what: str, found: IndexOverview) -> None:
    st.button(
        label,
        key=f"index-{what}-{name}",
        icon=icon,
        help=render.plain(name),
        disabled=found.at_work,
        type="tertiary" if what == "drop" else "secondary",
        on_click=_ask,
        args=((name, what, name in found.worse),),
    )


def _go_on(name: str, found: IndexOverview) -> None:
    st.button(
        index_texts.GO_ON,
        key=f"index-on-{name}",
        icon=":material/play_arrow:",
        help=render.plain(name),
        disabled=found.at_work,
        on_click=_begin,
        args=(lambda: session.client().build_index(None, None, None),),
    )


def _ask(asked: tuple[str, str, bool] | None) -> None:
    """Ask about an index: its name, what is to be done, and whether it was shown to find clearly less."""
    asking.ask(_ASKING, asked)


def _confirm(name: str, what: str, *, worse: bool) -> None:
    api = session.client()
    if what == "over":
        body = f"{index_texts.OVER_BODY} {index_texts.FORCE_BODY}" if worse else index_texts.OVER_BODY
        asked = index_texts.OVER_TITLE, body, index_texts.GO_OVER
    elif what == "back":
        asked = index_texts.BACK_TITLE, index_texts.BACK_BODY, index_texts.GO_BACK
    else:
        asked = index_texts.DROP_TITLE, index_texts.DROP_BODY, index_texts.GIVE_UP
    icon = ":material/delete:" if what == "drop" else ":material/check:"
    if not widgets.confirmed(asked[0], asked[1], f"index-{what}-{name}", lambda: _ask(None), asked[2], icon):
        return
    acts: dict[str, Callable[[], Progress]] = {
        "over": lambda: api.swap_index(name, force=worse),
        "back": lambda: api.index_back(name),
        "drop": lambda: api.drop_index(name),
    }
    _ask(None)
    _begin(acts[what])
    st.rerun()


def _begin(act: Callable[[], Progress]) -> None:
    outcome = session.attempt(act)
    if isinstance(outcome, ApiError):
        session.complain(outcome)
    else:
        st.session_state.said = index_texts.STARTED


def _build(found: IndexOverview) -> None:
    row = next((one for one in found.indexes if one.name == found.current), found.indexes[0])
    st.html(render.element("p", escape(index_texts.BUILD_HELP), "as-quiet-text"))
    with st.form("index-new", border=False):
        embedder = st.text_input(
            index_texts.NEW_EMBEDDER, row.embedder, key="index-embedder", help=index_texts.NEW_EMBEDDER_HELP
        )
        left, right = st.columns(2)
        chunks = left.number_input(
            index_texts.NEW_CHUNKS, 32, 8192, row.chunk_tokens, key="index-chunks", help=index_texts.NEW_CHUNKS_HELP
        )
        sparse = right.text_input(
            index_texts.NEW_SPARSE, row.sparse_embedder, key="index-sparse", help=index_texts.NEW_SPARSE_HELP
        )
        wish = held.submit(
            index_texts.BEGIN,
            "build-index",
            held.filled("index-embedder", "index-chunks", "index-sparse"),
            type="primary",
            icon=":material/construction:",
            disabled=found.at_work,
        )
    if wish is None:
        return
    wanted = embedder.strip() or row.embedder, int(chunks), sparse.strip()
    if wanted == (row.embedder, row.chunk_tokens, row.sparse_embedder):
        widgets.notice(index_texts.SAME, kind="warning")
        return
    api = session.client()
    outcome = held.do(wish, lambda: api.build_index(wanted[0], wanted[1], wanted[2] or "none"))
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    st.rerun()


def _suspicions(found: IndexOverview) -> None:
    one = found.suspicions
    if not (one.flagged or one.reviewed or one.slight):
        return
    with st.container(border=True, key="index-suspicions"):
        st.html(
            facts.head(index_texts.SUSPICIOUS)
            + render.element("p", escape(index_texts.suspicions(one)), "as-quiet-text")
        )
        if one.flagged:
            navigation.link(
                "documents", index_texts.SHOW_SUSPICIOUS, icon=":material/flag:", query={"state": "flagged"}
            )
