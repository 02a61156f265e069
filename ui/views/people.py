"""The people page: who may sign in, what for, where they are signed in, and the groups that they are in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import streamlit as st

from ui import asking, drawn, group_texts, held, once, render, session, widgets
from ui import people_texts as words
from ui.client import ApiError
from ui.people import Person
from ui.views import groups, sign_ins

SHOWN = 50
ROLES = ("employee", "curator", "auditor", "admin")
_ADDED = "people-added"  # in this session
_ASKED = "people-asked"  # what the admin is asked about: a word and an id


def page() -> None:
    """Draw everybody who may sign in, and the form for one more; or the groups."""
    st.html(render.element("h1", escape(words.PEOPLE), "as-heading"))
    found = session.attempt(session.client().people)
    if isinstance(found, ApiError):
        widgets.failure(found, "people")
        return
    part = st.segmented_control(
        group_texts.PART,
        list(group_texts.PARTS),
        default="people",
        key="people-part",
        format_func=lambda one: group_texts.PARTS[one],
        label_visibility="collapsed",
        required=True,
    )
    if part == "groups":
        groups.show(found)
        return
    listed = session.attempt(session.client().sources)
    sources = [] if isinstance(listed, ApiError) else [one.name for one in listed]
    with st.expander(words.ADD_PERSON, icon=":material/person_add:", key="add-person", expanded=not found):
        _add(sources)
    wanted = st.text_input(words.FIND, key="find-person", placeholder=words.FIND_PLACEHOLDER)
    people = [one for one in found if one.matches((wanted or "").strip().casefold())]
    if not people:
        widgets.notice(words.NOBODY, words.NOBODY_HINT, kind="quiet")
    for one in people[:SHOWN]:
        _person(one, sources)
    if len(people) > SHOWN:
        st.html(render.element("p", escape(words.people_shown(SHOWN, len(people))), "as-quiet-text"))


def _add(sources: list[str]) -> None:
    at = st.session_state.setdefault(_ADDED, 0)  # emptied by another key, once somebody was added
    key = f"new-person-{at}"
    with st.form(key, border=False):
        left, right = st.columns(2)
        person = left.text_input(words.ID, key=f"{key}-id", help=words.ID_HELP, max_chars=200)
        name = right.text_input(words.NAME, key=f"{key}-name", max_chars=200)
        email, role, groups, curates = _fields(key, {}, sources)
        sent = st.form_submit_button(words.ADD, type="primary", icon=":material/person_add:")
    if not sent:
        return
    api = session.client()
    made = session.attempt(lambda: api.add_person(person.strip(), name.strip(), email, role, groups, curates))
    if isinstance(made, ApiError):
        widgets.notice(made.message, made.hint, kind="error")
        return
    st.session_state[_ADDED] = at + 1
    st.session_state.said = words.added(made.called)
    st.rerun()


def _fields(key: str, base: Mapping[str, Any], sources: list[str]) -> tuple[str, str, list[str], list[str]]:
    """Show the fields that can be changed later; return mail address, role, groups and sources."""
    left, right = st.columns(2)
    email = left.text_input(words.MAIL, base.get("email", ""), key=f"{key}-mail", max_chars=320)
    role = right.selectbox(
        words.ROLE,
        ROLES,
        ROLES.index(base["role"]) if base.get("role") in ROLES else 0,
        key=f"{key}-role",
        format_func=lambda one: words.ROLES[one],
        help=words.ROLE_HELP,
    )
    groups = st.text_input(words.GROUPS, ", ".join(base.get("groups", ())), key=f"{key}-groups", help=words.GROUPS_HELP)
    looked_after = list(base.get("curates", ()))
    curates = st.multiselect(
        words.CURATES,
        sorted({*sources, *looked_after}),
        looked_after,
        key=f"{key}-curates",
        help=words.CURATES_HELP,
        placeholder=words.CURATES_PLACEHOLDER,
    )
    return email.strip(), str(role), [part.strip() for part in groups.split(",") if part.strip()], list(curates)


def _person(person: Person, sources: list[str]) -> None:
    with st.container(border=True, key=f"person-{person.id}"):
        st.html(_head(person))
        once.show(f"password-{person.id}", words.RESET_DONE, words.RESET_HINT)
        shown = st.expander(words.MANAGE, key=f"manage-{person.id}", icon=":material/edit:", on_change="rerun")
        if not shown.open:
            drawn.drop(_form(person))
            if (asking.about(_ASKED) or ("", ""))[1] == person.id:
                _ask(None)
            return
        with shown:
            _change(person, sources)
            _actions(person)
            st.html(render.element("h3", escape(words.SESSIONS_OF), "as-label"))
            sign_ins.sessions(person.id)
            st.html(render.element("h3", escape(words.TOKENS), "as-label"))
            sign_ins.tokens(person.id)


def _head(person: Person) -> str:
    badges = [(words.ROLES.get(person.role, person.role), "on")]
    if person.disabled:
        badges.append((words.DISABLED, "off"))
    if person.locked:
        badges.append((words.LOCKED, "bad"))
    if person.origin != "local":
        badges.append((words.PROVIDED, "busy"))
    elif not person.has_password:
        badges.append((words.NO_PASSWORD, "off"))
    head = render.element("h2", escape(person.called)) + "".join(
        render.element("span", escape(text), f"as-badge as-badge-{kind}") for text, kind in badges
    )
    facts = [person.id, person.email, ", ".join(person.groups), ", ".join(person.curates)]
    if person.provided_groups:
        facts.append(f"{', '.join(person.provided_groups)} ({words.FROM_PROVIDER})")
    about = "".join(render.element("span", escape(fact)) for fact in facts if fact)
    return render.element("div", head, "as-source") + render.element("div", about, "as-about")


def _change(person: Person, sources: list[str]) -> None:
    fresh = {"name": person.name, "email": person.email, "role": person.role}
    form = drawn.form(_form(person), {**fresh, "groups": list(person.groups), "curates": list(person.curates)})
    form.warn()
    with st.form(form.key, border=False):
        name = st.text_input(words.NAME, form.base["name"], key=f"{form.key}-name", max_chars=200)
        email, role, groups, curates = _fields(form.key, form.base, sources)
        sent = st.form_submit_button(words.SAVE, type="primary", icon=":material/check:")
    if not sent:
        return
    wanted = {"name": name.strip(), "email": email, "role": role, "groups": groups, "curates": curates}
    changes, said = form.changes(wanted), form.said(words.changed(person.called))

    def save() -> str:
        session.client().change_person(person.id, **changes)
        drawn.drop(_form(person))
        return said

    _do(save)


def _form(person: Person) -> str:
    return f"change-{person.id}"


def _actions(person: Person) -> None:
    is_own = _is_own(person)
    with st.container(horizontal=True, gap="small"):
        if person.origin == "local" and not is_own:  # its end of all sessions would hide one's own from oneself
            _asks(words.RESET, "key", "reset", person)
        _asks(words.END_SESSIONS, "logout", "end", person)
        _switch(person)
    what, asked_of = asking.about(_ASKED) or ("", "")
    if asked_of == person.id:
        _confirm(person, what, is_own=is_own)
    wish = held.wanted(f"reset-{person.id}")
    if wish is not None:
        _reset(person, wish)


def _is_own(person: Person) -> bool:
    status = session.attempt(session.status)
    return not isinstance(status, ApiError) and status.user == person.id


def _asks(label: str, icon: str, what: str, person: Person) -> None:
    """Draw a button that asks whether something is meant."""
    st.button(
        label,
        key=f"{what}-{person.id}",
        icon=f":material/{icon}:",
        help=render.plain(person.id),
        on_click=_ask,
        args=((what, person.id),),
    )


def _ask(asked: tuple[str, str] | None) -> None:
    asking.ask(_ASKED, asked)


def _switch(person: Person) -> None:
    """Draw the button that closes or opens an account; each has its own key, as a late click must not do the other."""
    if not person.disabled:
        _asks(words.CLOSE_ACCOUNT, "person_off", "close", person)
    elif st.button(words.OPEN_ACCOUNT, key=f"open-{person.id}", icon=":material/person:", help=render.plain(person.id)):
        _do(lambda: session.client().change_person(person.id, disabled=False).id, words.opened(person.called))


def _confirm(person: Person, what: str, *, is_own: bool) -> None:
    """Ask whether it is meant, as long as it can be done, and do it where the person says so."""
    name, key = person.called, f"{what}-{person.id}"
    if what == "close" and person.disabled:  # somebody else did it: nothing is left to ask
        _ask(None)
        return
    title, body, label, icon = {
        "reset": (words.reset_title(name), words.RESET_BODY, words.RESET, "key"),
        "end": (words.end_title(name), words.END_OWN_BODY if is_own else words.END_BODY, words.END_SESSIONS, "logout"),
        "close": (words.close_title(name), words.CLOSE_BODY, words.CLOSE_ACCOUNT, "person_off"),
    }[what]
    if not widgets.confirmed(title, body, key, lambda: _ask(None), label, f":material/{icon}:"):
        return
    if what == "reset":
        held.hold(key)
    _ask(None)
    if what == "end":
        _do(lambda: words.ended(session.client().end_sign_ins(person.id)))
    elif what == "close":
        _do(lambda: session.client().change_person(person.id, disabled=True).id, words.closed(name))


def _reset(person: Person, wish: held.Wish) -> None:
    """Give a person a new password, and show it."""
    api = session.client()
    wrong = once.make(wish, f"password-{person.id}", lambda: api.reset_password(person.id))
    if wrong is None:
        st.rerun()
    widgets.notice(wrong.message, wrong.hint, kind="error")


def _do(action: Callable[[], str], said: str = "") -> None:
    """Do something and say so, or what went wrong."""
    outcome = session.attempt(action)
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    st.session_state.said = said or outcome
    st.rerun()
