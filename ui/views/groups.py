"""The groups of the people page: which there are, who is in them and how, and which are in which."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from ui import asking, group_texts, held, render, session, widgets
from ui.client import ApiError
from ui.groups import Group, GroupMembers, Member
from ui.people import Person

SHOWN = 50
_ADD = ":material/group_add:"
_EVERYBODY = "everyone"  # whose members nobody chooses
_ASKED = "group-asked"  # what the person is asked about: the group, and who or what is to leave it
_PERSON = "user:"  # what no group's name begins with
_SENT = "groups-sent"  # how many forms were sent and done: their fields are empty then


def show(people: tuple[Person, ...]) -> None:
    """Draw all groups.

    Args:
        people: who may be put into them.
    """
    st.html(render.element("p", escape(group_texts.LEAD), "as-quiet-text"))
    found = widgets.latest(session.attempt(session.client().groups), "groups")
    if found is None:
        return
    with st.expander(group_texts.NEW, icon=":material/group_add:", key="new-group"):
        _new(people)
    with st.expander(group_texts.NEST, icon=":material/account_tree:", key="nest-groups"):
        _nest([one.name for one in found])
    wanted = st.text_input(group_texts.FIND, key="find-group", placeholder=group_texts.FIND_PLACEHOLDER)
    shown = [one for one in found if one.matches((wanted or "").strip().casefold())]
    if not shown:
        widgets.notice(group_texts.NONE_FOUND, group_texts.NONE_FOUND_HINT, kind="quiet")
    for one in shown[:SHOWN]:
        _group(one, people)
    if len(shown) > SHOWN:
        st.html(render.element("p", escape(group_texts.members_shown(SHOWN, len(shown))), "as-quiet-text"))


def _new(people: tuple[Person, ...]) -> None:
    at = st.session_state.setdefault(_SENT, 0)
    with st.form("new-group-form", border=False):
        name = st.text_input(
            group_texts.NEW_NAME, key=f"new-group-name-{at}", help=group_texts.NEW_HELP, max_chars=200
        ).strip()
        who = _choice_of_people(f"new-group-who-{at}", people)
        wish = held.submit(group_texts.MAKE, "new-group", held.filled("new-group-"), type="primary", icon=_ADD)
    if wish is None:
        return
    if not name or not who:
        held.drop("new-group")
        widgets.notice(group_texts.NEEDS_WHO, kind="error")
        return
    _done(name, held.do(wish, lambda: _put(name, who)))


def _choice_of_people(key: str, people: tuple[Person, ...]) -> list[str]:
    """Draw the choice of people, and return their ids."""
    called = {one.id: f"{one.name} ({one.id})" if one.name else one.id for one in people}
    chosen = st.multiselect(
        group_texts.ADD_WHO,
        list(called),
        key=key,
        format_func=lambda one: called[one],
        placeholder=group_texts.ADD_WHO_PLACEHOLDER,
    )
    return [str(one) for one in chosen]


def _put(group: str, who: list[str]) -> None:
    """Put people into a group, beside the groups that they have by then. Raises ApiError."""
    api = session.client()
    for person in api.people():
        if person.id in who and group not in person.groups:
            api.change_person(person.id, groups=[*person.groups, group])


def _take(group: str, who: str) -> None:
    """Take a person out of a group. Raises ApiError."""
    api = session.client()
    for person in api.people():
        if person.id == who:
            api.change_person(who, groups=[one for one in person.groups if one != group])


def _nest(names: list[str]) -> None:
    at = st.session_state.setdefault(_SENT, 0)
    st.html(render.element("p", escape(group_texts.NEST_HELP), "as-quiet-text"))
    with st.form("nest-form", border=False):
        left, right = st.columns(2)
        choice: dict[str, object] = {"index": None, "placeholder": group_texts.CHOOSE, "accept_new_options": True}
        inner = left.selectbox(group_texts.INNER, names, key=f"nest-inner-{at}", **choice)  # type: ignore[call-overload]
        outer = right.selectbox(group_texts.OUTER, names, key=f"nest-outer-{at}", **choice)  # type: ignore[call-overload]
        wish = held.submit(group_texts.PUT, "nest", held.filled("nest-"), type="primary", icon=":material/login:")
    if wish is None:
        return
    if not inner or not outer:
        held.drop("nest")
        widgets.notice(group_texts.CHOOSE, kind="error")
        return
    _done(str(outer), held.do(wish, lambda: session.client().nest_group(str(outer).strip(), str(inner).strip())))


def _group(group: Group, people: tuple[Person, ...]) -> None:
    with st.container(border=True, key=f"group-{group.name}"):
        badge = render.element("span", escape(group_texts.BY_PROVIDER), "as-badge") if group.origin != "local" else ""
        head = render.element("div", render.element("h2", escape(group.called)) + badge, "as-source")
        facts = [group_texts.EVERYBODY_IN] if group.name == _EVERYBODY else group_texts.facts(group)
        about = "".join(render.element("span", escape(fact)) for fact in facts)
        st.html(head + render.element("div", about, "as-about"))
        opened = st.expander(group_texts.WHO, key=f"members-{group.name}", on_change="rerun")
        if not opened.open:
            return
        with opened:
            found = widgets.latest(
                session.attempt(lambda: session.client().group_members(group.name)), f"members-of-{group.name}"
            )
            if found is not None:
                _members(found)
                if group.name != _EVERYBODY:
                    _more(group, people)


def _members(found: GroupMembers) -> None:
    group = found.group
    if found.sources:
        st.html(render.element("p", escape(group_texts.sources(found.sources)), "as-quiet-text"))
    if not found.members:
        st.html(render.element("p", escape(group_texts.NO_MEMBERS), "as-quiet-text"))
    for member in found.members[:SHOWN]:
        _member(group, member)
    if len(found.members) > SHOWN:
        st.html(render.element("p", escape(group_texts.members_shown(SHOWN, len(found.members))), "as-quiet-text"))
    for child in group.children:
        with st.container(horizontal=True, vertical_alignment="center", key=f"child-{group.name},{child}"):
            st.html(render.element("div", render.element("strong", escape(child)), "as-entry"))
            _leave(group.name, child, group_texts.TAKE_OUT)
        _confirm(group.name, child, group_texts.take_out(child, group.name), _unnest)


def _member(group: Group, member: Member) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"member-{group.name},{member.id}"):
        name = render.element("strong", escape(member.called))
        if member.disabled:
            name += render.element("span", escape(group_texts.DISABLED), "as-badge as-badge-off")
        about = render.element("span", escape(member.id)) + render.element("span", escape(_way(member)))
        st.html(render.element("div", name + about, "as-entry"))
        is_given = member.id in group.given
        if is_given:
            _leave(group.name, f"{_PERSON}{member.id}", group_texts.TAKE_AWAY)
    if is_given:
        asked = group_texts.take_away(member.called, group.name)
        _confirm(group.name, f"{_PERSON}{member.id}", asked, lambda name, one: _take(name, one.removeprefix(_PERSON)))


def _way(member: Member) -> str:
    """Say how somebody is in a group."""
    first, *more = member.path
    return " \u2192 ".join([f"{first} ({group_texts.WAYS.get(member.way, member.way)})", *more])


def _more(group: Group, people: tuple[Person, ...]) -> None:
    at = st.session_state.setdefault(_SENT, 0)
    others = tuple(one for one in people if one.id not in group.given)
    if not others:
        return
    with st.form(f"into-{group.name}", border=False):
        who = _choice_of_people(f"into-{group.name}-{at}", others)
        wish = held.submit(group_texts.ADD, f"into-{group.name}", held.filled(f"into-{group.name}-"), icon=_ADD)
    if wish is None:
        return
    if not who:
        held.drop(f"into-{group.name}")
        widgets.notice(group_texts.ADD_WHO_PLACEHOLDER, kind="error")
        return
    _done(group.name, held.do(wish, lambda: _put(group.name, who)))


def _leave(group: str, who: str, label: str) -> None:
    st.button(label, key=f"leave-{group},{who}", type="tertiary", on_click=_ask, args=((group, who),))


def _ask(asked: tuple[str, str] | None) -> None:
    asking.ask(_ASKED, asked)


def _unnest(parent: str, child: str) -> None:
    session.client().unnest_group(parent, child)


def _confirm(group: str, who: str, asked: tuple[str, str], action: Callable[[str, str], None]) -> None:
    """Ask whether somebody or something is to leave a group, where a button asked for it, and see to it."""
    if asking.about(_ASKED) != (group, who):
        return
    sure = widgets.confirmed(*asked, f"{group},{who}", lambda: _ask(None), group_texts.TAKE_OUT, ":material/logout:")
    if sure:
        _done(group, session.attempt(lambda: action(group, who)))


def _done(group: str, outcome: object) -> None:
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    _ask(None)
    st.session_state[_SENT] = st.session_state.get(_SENT, 0) + 1
    st.session_state.said = group_texts.changed(group)
    st.rerun()
