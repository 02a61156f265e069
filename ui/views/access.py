"""The access page: why somebody may read a document, what somebody may read, and what a rule would change."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import access_texts, admin_texts, drawn, render, session, texts, widgets
from ui.access_models import Grant, Preview, Sees, Why
from ui.client import ApiError
from ui.models import Json
from ui.views import source_card

_NAMED = 50


def page() -> None:
    """Draw the question who reads what, and the editor of a source's readers."""
    st.html(
        render.element("h1", escape(access_texts.ACCESS), "as-heading")
        + render.element("p", escape(access_texts.LEAD), "as-quiet-text")
    )
    sources = widgets.latest(session.attempt(session.client().sources), "access")
    if sources is None:
        return
    names = [one.name for one in sources]
    if not names:
        widgets.notice(access_texts.NO_SOURCES, kind="quiet")
        return
    _question(names)
    ruled = [one.name for one in sources if one.kind != "uploads"]  # whose readers are their owners' affair
    if ruled:
        with st.expander(access_texts.RULE_TITLE, icon=":material/rule:", key="access-rule"):
            _rule(ruled)


def _question(names: list[str]) -> None:
    with st.form("access-question", border=False):
        who = st.text_input(
            access_texts.WHO,
            key="access-who",
            placeholder=access_texts.WHO_PLACEHOLDER,
            help=access_texts.WHO_HELP,
            max_chars=300,
        )
        left, right = st.columns([1, 2])
        source = left.selectbox(access_texts.SOURCE, names, key="access-source")
        key = right.text_input(
            access_texts.KEY, key="access-key", placeholder=access_texts.KEY_PLACEHOLDER, help=access_texts.KEY_HELP
        )
        sent = st.form_submit_button(access_texts.LOOK, type="primary", icon=":material/search:")
    who, key = (who or "").strip(), (key or "").strip()
    if not sent or not who:
        return
    api = session.client()
    found = session.attempt(lambda: api.why(who, source, key) if key else api.sees(who, source, limit=_NAMED))
    if isinstance(found, ApiError):
        widgets.notice(found.message, found.hint, kind="error")
    elif isinstance(found, Why):
        draw_why(found, key)
    else:
        _sees(found)


def draw_why(why: Why, key: str) -> None:
    """Draw why somebody may read a document, or may not."""
    with st.container(border=True, key="access-why"):
        badge = render.element(
            "span", escape(access_texts.verdict(why)), f"as-badge as-badge-{'on' if why.may else 'bad'}"
        )
        st.html(render.element("h2", escape(why.title or key), "as-heading") + render.element("div", badge, "as-about"))
        lines = [_line(access_texts.ALLOWED, why.subject, one) for one in why.allowed]
        lines += [_line(access_texts.DENIED, why.subject, one) for one in why.denied]
        lines.append(_row(access_texts.READERS_OF, escape(access_texts.readers(why))))
        st.html(render.element("ul", "".join(lines), "as-failures"))
        if why.coming is not None:
            widgets.notice(access_texts.coming(why.coming), kind="warning")


def _line(what: str, subject: str, grant: Grant) -> str:
    steps = [*access_texts.chain(subject, grant), what.lower()]
    return _row(access_texts.by_principal(what, grant.principal), " \u2192 ".join(map(escape, steps)))


def _row(title: str, body: str) -> str:
    return render.element("li", render.element("strong", escape(title)) + render.element("span", body))


def _sees(found: Sees) -> None:
    with st.container(border=True, key="access-sees"):
        st.html(render.element("p", escape(access_texts.sight(found))))
        folders = [access_texts.folder(*one) for one in found.folders]
        st.html(render.element("ul", "".join(_row(name, escape(size)) for name, size in folders), "as-failures"))
        if not found.listed:
            return
        with st.expander(access_texts.LISTED, key="access-listed"):
            rows = [
                render.element(
                    "li", render.element("span", escape(title)) + render.element("span", escape(key), "as-path")
                )
                for _, key, title in found.listed
            ]
            if len(found.listed) < found.documents:
                rows.append(render.element("li", escape(access_texts.and_more(len(found.listed), found.documents))))
            st.html(render.element("ul", "".join(rows), "as-failures"))


def _rule(names: list[str]) -> None:
    rule_editor(st.selectbox(access_texts.SOURCE, names, key="access-rule-source"))


def rule_editor(source: str) -> None:
    """Draw the form for a source's rule of readers, with a preview of who would read more or less by it.

    Who looks after some sources only may try a rule, and sets none.
    """
    known = widgets.latest(session.attempt(lambda: session.client().readers(source)), f"access-rule-{source}")
    if known is None:
        return
    was = drawn.base(f"access-rules-{source}", known)
    with st.form(f"access-rule-{source}", border=False, enter_to_submit=False):
        default = st.text_input(
            access_texts.DEFAULT,
            ", ".join(known.get("default", ["everyone"])),
            key=f"access-default-{source}",
            help=access_texts.DEFAULT_HELP,
        )
        rules = st.text_area(
            access_texts.RULES,
            "\n".join(map(line_of, known.get("rules") or ())),
            key=f"access-rules-{source}",
            placeholder=access_texts.RULES_PLACEHOLDER,
            help=access_texts.RULES_HELP,
        )
        if known.get("names"):
            st.html(render.element("p", escape(access_texts.NAMES_STAY), "as-quiet-text"))
        with st.container(horizontal=True, gap="small"):
            previewed = st.form_submit_button(access_texts.PREVIEW, type="primary", icon=":material/preview:")
            set_now = source_card.manages() and st.form_submit_button(access_texts.SET, icon=":material/save:")
    if not previewed and not set_now:
        return
    as_they_were = {line_of(rule).strip(): rule for rule in was.get("rules") or ()}  # a line cannot say every rule
    try:
        given = [as_they_were.get(line) or rule_of(line) for line in lines_of(rules)]
        rule = {**known, "default": _names(default), "rules": given}
    except ValueError as error:
        widgets.notice(access_texts.wrong_line(str(error)), kind="error")
        return
    if known != was:  # what is set takes the place of all of it
        drawn.take(f"access-rules-{source}", known)
        now = [", ".join(known.get("default", ["everyone"])), *map(line_of, known.get("rules") or ())]
        widgets.notice(texts.CHANGED_MEANWHILE, admin_texts.changed(now), kind="warning")
    elif set_now:
        _set(source, rule)
        return
    preview = session.attempt(lambda: session.client().preview_readers(source, rule))
    if isinstance(preview, ApiError):
        widgets.notice(preview.message, preview.hint, kind="error")
    else:
        _preview(preview)


def _set(source: str, rule: Json) -> None:
    done = session.attempt(lambda: session.client().set_readers(source, rule))
    if isinstance(done, ApiError):
        widgets.notice(done.message, done.hint, kind="error")
        return
    drawn.stored(f"access-rules-{source}")
    st.session_state.said = access_texts.RULE_SET
    st.rerun()


def _preview(preview: Preview) -> None:
    st.html(render.element("p", escape(access_texts.preview(preview))))
    if not preview.effects:
        widgets.notice(access_texts.NOTHING_CHANGES, kind="quiet")
        return
    rows = [_row(access_texts.named(one.subject), escape(access_texts.effect(one))) for one in preview.effects]
    st.html(render.element("ul", "".join(rows), "as-failures"))


def line_of(rule: Json) -> str:
    """Return a rule as a line: its glob, a colon, and its readers, those whom it denies behind a `-`."""
    names = [*rule.get("readers", ()), *(f"-{name}" for name in rule.get("deny", ()))]
    return f"{rule['glob']}: {', '.join(names)}"


def rule_of(line: str) -> Json:
    """Return the rule that a line says. Raises ValueError with the line where it says none."""
    glob, colon, said = line.partition(": ")
    if not colon:
        glob, colon, said = line.rpartition(":")
    if not colon or not glob.strip():
        raise ValueError(line)
    names = _names(said)
    denied = [name[1:].strip() for name in names if name.startswith("-")]
    return {"glob": glob.strip(), "readers": [name for name in names if not name.startswith("-")], "deny": denied}


def lines_of(text: str | None) -> list[str]:
    """Return the lines of a text that hold anything."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]
