"""Evaluations on the page Quality: one that is started and followed, their figures over time, and one's questions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from ui import asking, formats, held, quality_texts, render, session, texts, widgets
from ui.client import ApiError
from ui.measures import Evaluation, Result

if TYPE_CHECKING:
    import altair as alt

POLL_SECONDS = 2.0
_OPEN, _ASKED = "evaluation-open", "evaluation-asked"
_STOPPED = "evaluation-stopped"  # which one is to end: it does after the question at hand
_BADGES = {"done": "on", "running": "busy", "failed": "bad", "interrupted": "bad"}
_PLOTTED = 4  # figures that the plot begins with


def show() -> None:
    """Draw the button that starts one, the plot, and all of them."""
    st.html(render.element("p", escape(quality_texts.START_HELP), "as-quiet-text"))
    found = session.attempt(session.client().evaluations)
    if isinstance(found, ApiError):
        widgets.failure(found, "evaluations")
        return
    running = any(one.running for one in found)
    wish = held.button(
        quality_texts.START, "start-evaluation", type="primary", icon=":material/play_arrow:", disabled=running
    )
    if wish is not None:
        started = held.do(wish, session.client().start_evaluation)
        if isinstance(started, ApiError):
            widgets.notice(started.message, started.hint, kind="error")
        else:
            st.session_state.said = quality_texts.STARTED
            st.rerun()
    if not found:
        widgets.notice(quality_texts.NO_EVALUATIONS, quality_texts.NO_EVALUATIONS_HINT, kind="quiet")
        return
    if running:
        st.fragment(_follow, run_every=POLL_SECONDS)()
    done = [one for one in reversed(found) if one.state == "done"]
    if done:
        _over_time(done)
    st.html(render.element("h2", escape(quality_texts.HISTORY), "as-heading"))
    for one in found:
        if not one.running:
            _evaluation(one)


def _follow() -> None:
    """Draw the one that is running; when it ends, the whole page is drawn anew."""
    found = session.attempt(session.client().evaluations)
    if isinstance(found, ApiError):
        widgets.failure(found, "evaluation-running")
        return
    running = next((one for one in found if one.running), None)
    if running is None:
        st.rerun()
        return
    st.progress(
        running.done / max(1, running.total), text=render.plain(quality_texts.progress(running.done, running.total))
    )
    wish = held.button(
        quality_texts.STOP,
        "stop-evaluation",
        icon=":material/stop:",
        disabled=st.session_state.get(_STOPPED) == running.id,
    )
    if wish is not None:
        stopped = held.do(wish, lambda: session.client().cancel_evaluation(running.id))
        if isinstance(stopped, ApiError):
            widgets.notice(stopped.message, stopped.hint, kind="error")
        else:
            st.session_state[_STOPPED] = running.id
    if st.session_state.get(_STOPPED) == running.id:
        st.html(render.element("p", escape(quality_texts.STOPPING), "as-doing", role="status"))


def _over_time(done: Sequence[Evaluation]) -> None:
    st.html(render.element("h2", escape(quality_texts.OVER_TIME), "as-heading"))
    known = [name for name in quality_texts.SCORES if any(one.scores.get(name) is not None for one in done)]
    chosen = st.multiselect(
        quality_texts.MEASURE,
        known,
        default=known[:_PLOTTED],
        key="evaluation-figures",
        format_func=lambda name: quality_texts.SCORES[name],
    )
    if chosen:
        st.altair_chart(_plot(done, chosen), width="stretch")
    with st.expander(quality_texts.AS_TABLE, icon=":material/table:", key="evaluation-table"):
        columns = (quality_texts.WHEN, *(quality_texts.SCORES[name] for name in known))
        rows = [(_when(one), *(quality_texts.share(one.scores.get(name)) for name in known)) for one in reversed(done)]
        st.html(widgets.figures(quality_texts.OVER_TIME, columns, rows))


def _plot(done: Sequence[Evaluation], names: Sequence[str]) -> alt.Chart:
    import altair as alt

    when, share, figure = quality_texts.WHEN, quality_texts.SHARE, quality_texts.FIGURE
    rows = [
        {
            when: datetime.fromtimestamp(one.started_at, UTC).isoformat(),
            share: one.scores[name],
            figure: quality_texts.SCORES[name],
        }
        for one in done
        for name in names
        if one.scores.get(name) is not None
    ]
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=rows), height=320, description=quality_texts.OVER_TIME)
        .mark_line(point={"size": 48})
        .encode(
            x=alt.X(f"{when}:T", title=None, axis=alt.Axis(tickCount=5)),
            y=alt.Y(f"{share}:Q", title=share, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5)),
            color=alt.Color(
                f"{figure}:N",
                title=None,
                legend=alt.Legend(orient="bottom", columns=2, labelLimit=260),
                scale=alt.Scale(range=list(widgets.LINES)),
            ),
            shape=alt.Shape(f"{figure}:N", legend=None),
            tooltip=[f"{when}:T", f"{figure}:N", alt.Tooltip(f"{share}:Q", format=".1%")],
        )
    )
    return chart


def _evaluation(one: Evaluation) -> None:
    with st.container(border=True, key=f"evaluation-{one.id}"):
        badge = f"as-badge as-badge-{_BADGES.get(one.state, 'off')}"
        state = render.element("span", escape(quality_texts.STATES.get(one.state, one.state)), badge)
        about = quality_texts.summary(one.total, one.started_by, texts.ago(one.started_at))
        body = render.element("div", render.element("h3", escape(_when(one))) + state, "as-source as-setting")
        body += render.element("div", render.element("span", escape(about)), "as-about")
        if one.error:
            body += render.element("p", escape(one.error), "as-error-text")
        scores = [
            widgets.tile(said, quality_texts.share(one.scores[name]))
            for name, said in quality_texts.SCORES.items()
            if one.scores.get(name) is not None
        ]
        st.html(body + (render.element("dl", "".join(scores), "as-tiles") if scores else ""))
        opened = st.session_state.get(_OPEN) == one.id
        with st.container(horizontal=True, gap="small"):
            if one.state == "done":
                st.button(
                    quality_texts.CLOSE if opened else quality_texts.OPEN,
                    key=f"open-{one.id}",
                    icon=":material/list:",
                    on_click=_set,
                    args=(_OPEN, None if opened else one.id),
                )
            st.button(
                quality_texts.DELETE,
                key=f"forget-{one.id}",
                icon=":material/delete:",
                type="tertiary",
                on_click=asking.ask,
                args=(_ASKED, one.id),
            )
        _confirm(one)
        if opened:
            _results(one.id)


def _set(name: str, value: str | None) -> None:
    st.session_state[name] = value


def _confirm(one: Evaluation) -> None:
    if asking.about(_ASKED) != one.id:
        return
    asked = quality_texts.FORGET_TITLE, quality_texts.FORGET_BODY
    if not widgets.confirmed(*asked, f"evaluation-{one.id}", lambda: asking.ask(_ASKED, None)):
        return
    done = session.attempt(lambda: session.client().remove_evaluation(one.id))
    if isinstance(done, ApiError):
        widgets.notice(done.message, done.hint, kind="error")
        return
    asking.ask(_ASKED, None)
    st.rerun()


def _results(run: str) -> None:
    found = session.attempt(lambda: session.client().evaluation(run))
    if isinstance(found, ApiError):
        widgets.failure(found, f"evaluation-{run}")
        return
    st.html("".join(map(_result, found.results)))


def _result(one: Result) -> str:
    """Return what came of a question: closed it shows the question, opened what was expected and got."""
    missed = any(good is False for _, _, good in one.expected)
    mark = quality_texts.WRONG if missed else quality_texts.RIGHT
    css = "as-badge as-badge-bad" if missed else "as-badge as-badge-on"
    badge = render.element("span", escape(mark), css) if one.expected else ""
    rows = [(quality_texts.EXPECTED, _items(one.expected) or escape(quality_texts.NOTHING_EXPECTED))]
    answer = one.answer or quality_texts.NOTHING_GOT
    rows.append((quality_texts.GOT, render.element("div", escape(answer), "as-lines")))
    if one.found:
        rows.append((quality_texts.CITED, _items(one.found)))
    rows.append((texts.PLAN_TIME, escape(quality_texts.seconds(one.seconds))))
    if one.withheld:
        rows = [(quality_texts.GOT, escape(quality_texts.WITHHELD))]
    facts = "".join(render.element("dt", escape(name)) + render.element("dd", body) for name, body in rows)
    summary = render.element("summary", escape(one.question) + " " + badge)
    return render.element("details", summary + render.element("dl", facts, "as-facts"), "as-plan as-result")


def _items(items: Sequence[tuple[str, str, bool | None]]) -> str:
    if not items:
        return ""
    lines = []
    for name, note, good in items:
        css = "" if good is None else "as-mark as-verified" if good else "as-mark as-unverified"
        said = render.element("span", escape(quality_texts.RIGHT if good else quality_texts.WRONG), css) if css else ""
        about = render.element("span", escape(note), "as-quiet-text")
        lines.append(render.element("li", f"{escape(name)} {about} {said}"))
    return render.element("ul", "".join(lines))


def _when(one: Evaluation) -> str:
    return f"{formats.minute(one.started_at)} UTC"
