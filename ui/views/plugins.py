"""The page of plugins: what each offers and wants, whether it is used and well, and by whom; and webhooks."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import streamlit as st

from ui import asking, facts, held, navigation, plugin_texts, render, session, widgets
from ui.client import ApiError
from ui.overseen import Plugin
from ui.views import hooks

_BADGES = {"enabled": "on", "broken": "bad", "gone": "bad", "new": "busy", "changed": "busy"}
_ASKING = "plugin-asking"
_SAID = "plugin-said"  # what each was told to be, by its name: whether well, and a line
_SHOWN = "plugin-shown"  # those that were loaded to see what they want, with the state that they were listed in


def page() -> None:
    """Draw the plugins that match the filter."""
    st.html(
        render.element("h1", escape(plugin_texts.PLUGINS), "as-heading")
        + render.element("p", escape(plugin_texts.LEAD), "as-quiet-text")
    )
    found = session.attempt(session.client().plugins)
    if isinstance(found, ApiError):
        widgets.failure(found, "plugins")
        return
    shown = _filtered(found)
    st.html(render.element("p", escape(plugin_texts.number(len(shown))), "as-quiet-text", role="status"))
    if not shown:
        widgets.notice(plugin_texts.NONE, plugin_texts.NONE_HINT, kind="quiet")
    for plugin in shown:
        _plugin(plugin)
    hooks.section()


def _filtered(plugins: tuple[Plugin, ...]) -> list[Plugin]:
    left, middle, right = st.columns([3, 2, 2])
    wanted = left.text_input(
        plugin_texts.FILTER, key="plugin-filter", placeholder=plugin_texts.FILTER_PLACEHOLDER
    ).strip()
    kinds = sorted({kind for plugin in plugins for kind in plugin.kinds})
    kind = middle.selectbox(
        plugin_texts.KIND,
        ["", *kinds],
        key="plugin-kind",
        format_func=lambda one: plugin_texts.KINDS.get(one, one) if one else plugin_texts.ANY_KIND,
    )
    state = right.selectbox(
        plugin_texts.STATE,
        ["", *sorted({plugin.state for plugin in plugins})],
        key="plugin-state",
        format_func=lambda one: plugin_texts.STATES.get(one, one) if one else plugin_texts.ANY_STATE,
    )
    folded = wanted.casefold()
    return [
        plugin
        for plugin in plugins
        if (not folded or any(folded in text.casefold() for text in (plugin.name, plugin.description, *plugin.offers)))
        and (not kind or kind in plugin.kinds)
        and state in {"", plugin.state}
    ]


def _plugin(plugin: Plugin) -> None:
    plugin = _as_looked_at(plugin)
    with st.container(border=True, key=f"plugin-{plugin.name}"):
        state = plugin_texts.STATES.get(plugin.state, plugin.state)
        about = [plugin_texts.package(plugin.origin), plugin.version, *plugin.offers]
        st.html(
            facts.head(plugin.name, state, _BADGES.get(plugin.state, "off"))
            + render.element("div", "".join(render.element("span", escape(one)) for one in about if one), "as-about")
            + (render.element("p", escape(plugin.description), "as-said") if plugin.description else "")
            + (render.element("p", escape(plugin_texts.EXPERIMENTAL), "as-caution") if plugin.experimental else "")
        )
        if plugin.error:
            widgets.notice(plugin.error, kind="error")
        _wants(plugin)
        _said(plugin)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _actions(plugin)
        if plugin.is_pack:
            with st.expander(plugin_texts.GROUPS, icon=":material/group:", key=f"pack-of-{plugin.name}"):
                _pack(plugin)
        if asking.about(_ASKING) == plugin.name:
            _confirm(plugin)


def _as_looked_at(plugin: Plugin) -> Plugin:
    """Return a plugin with what was seen by looking at it, as long as it is what was looked at."""
    kept: dict[str, tuple[str, Plugin]] = st.session_state.get(_SHOWN, {})
    state, looked = kept.get(plugin.name, (plugin.state, plugin))
    if (state, looked.mark) != (plugin.state, plugin.mark):
        return plugin
    return replace(looked, groups=plugin.groups, documents=plugin.documents)


def _wants(plugin: Plugin) -> None:
    wants = plugin.wants
    if wants is None or plugin.origin == "built-in":
        return
    if not plugin.declared:
        widgets.notice(plugin_texts.UNDECLARED, kind="warning")

    def listed(names: tuple[str, ...]) -> str:
        return ", ".join(plugin_texts.ANYTHING if one == "*" else one for one in names) or plugin_texts.NOTHING

    st.html(
        facts.facts(
            [
                (plugin_texts.HOSTS, listed(wants.hosts)),
                (plugin_texts.PATHS, listed(wants.paths)),
                (plugin_texts.SECRETS, listed(wants.secrets)),
                (plugin_texts.WRITES, plugin_texts.YES if wants.writes else plugin_texts.NO),
            ]
        )
    )


def _said(plugin: Plugin) -> None:
    known = st.session_state.get(_SAID, {}).get(plugin.name)
    if known is not None:
        widgets.notice(known[1], known[2], kind="info" if known[0] else "error")


def _actions(plugin: Plugin) -> None:
    if plugin.state == "enabled":
        if wish := held.button(plugin_texts.HEALTH, f"plugin-health-{plugin.name}", icon=":material/monitor_heart:"):
            _ask_health(wish, plugin.name)
        st.button(
            plugin_texts.DISABLE,
            key=f"plugin-off-{plugin.name}",
            icon=":material/power_settings_new:",
            type="tertiary",
            on_click=_ask,
            args=(plugin.name,),
        )
        if "source" in plugin.kinds:
            navigation.link("sources", plugin_texts.ADD_SOURCE, icon=":material/folder:", query={"add": "1"})
        if "tool kind" in plugin.kinds:
            navigation.link("tools", plugin_texts.SET_UP_TOOL, icon=":material/build:")
        return
    unknown = plugin.state in {"new", "changed"} and plugin.origin != "built-in"
    if unknown and (wish := held.button(plugin_texts.LOOK, f"plugin-look-{plugin.name}", icon=":material/visibility:")):
        _look(wish, plugin)
    if plugin.state != "gone" and not plugin.is_pack:
        label = plugin_texts.ENABLE_CHANGED if plugin.state == "changed" else plugin_texts.ENABLE
        key = f"plugin-on-{plugin.name}-{plugin.mark}"  # what is seen is enabled: a late click must not take another
        if wish := held.button(label, key, icon=":material/power_settings_new:"):
            _enable(wish, plugin, [], [])


def _ask_health(wish: held.Wish, name: str) -> None:
    api = session.client()
    with st.spinner(plugin_texts.ASKING):
        outcome = held.do(wish, lambda: api.plugin_health(name))
    known = (
        (False, outcome.message, outcome.hint)
        if isinstance(outcome, ApiError)
        else (True, outcome or plugin_texts.WELL, "")
    )
    st.session_state[_SAID] = {**st.session_state.get(_SAID, {}), name: known}
    st.rerun()


def _look(wish: held.Wish, plugin: Plugin) -> None:
    api, name = session.client(), plugin.name
    with st.spinner(plugin_texts.ASKING):
        outcome = held.do(wish, lambda: api.plugin(name))
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    st.session_state[_SHOWN] = {**st.session_state.get(_SHOWN, {}), name: (plugin.state, outcome)}
    st.rerun()


def _enable(wish: held.Wish, plugin: Plugin, groups: list[str], documents: list[tuple[str, str]]) -> None:
    api = session.client()
    with st.spinner(plugin_texts.ASKING):
        outcome = held.do(wish, lambda: api.enable_plugin(plugin.name, plugin.mark, groups, documents))
    _done(outcome, plugin.name)


def _done(outcome: Plugin | ApiError, name: str) -> None:
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    for kept in (_SAID, _SHOWN):
        st.session_state.get(kept, {}).pop(name, None)
    st.session_state.said = plugin_texts.changed(name, outcome.state)
    st.rerun()


def _ask(name: str | None) -> None:
    asking.ask(_ASKING, name)


def _confirm(plugin: Plugin) -> None:
    asked = plugin_texts.DISABLE_TITLE, plugin_texts.DISABLE_BODY
    icon = ":material/power_settings_new:"
    if not widgets.confirmed(*asked, "plugin", lambda: _ask(None), plugin_texts.DISABLE, icon):
        return
    _ask(None)
    _done(session.attempt(lambda: session.client().disable_plugin(plugin.name)), plugin.name)


def _pack(plugin: Plugin) -> None:
    """Draw who has a pack and where it finds structure, to be changed; saving switches it on."""
    with st.form(f"pack-{plugin.name}", border=False, enter_to_submit=False):
        groups = st.text_input(
            plugin_texts.GROUPS,
            ", ".join(plugin.groups or ()),
            key=f"pack-groups-{plugin.name}",
            help=plugin_texts.GROUPS_HELP,
        )
        documents = st.text_area(
            plugin_texts.DOCUMENTS,
            "\n".join(f"{source}: {glob}" for source, glob in plugin.documents),
            key=f"pack-documents-{plugin.name}",
            help=plugin_texts.DOCUMENTS_HELP,
            height=80,
        )
        label = plugin_texts.SAVE if plugin.state == "enabled" else plugin_texts.ENABLE
        sent = held.filled(f"pack-groups-{plugin.name}", f"pack-documents-{plugin.name}")
        wish = held.submit(label, f"pack-{plugin.name}", sent, icon=":material/save:")
    if wish is None:
        return
    named = [one.strip() for one in groups.split(",") if one.strip()]
    if not named:
        widgets.notice(plugin_texts.GROUPS_MISSING, kind="error")
        return
    pairs = []
    for line in filter(None, map(str.strip, documents.splitlines())):
        source, colon, glob = line.partition(":")
        if not colon or not source.strip() or not glob.strip():
            widgets.notice(plugin_texts.wrong_line(line), kind="error")
            return
        pairs.append((source.strip(), glob.strip()))
    _enable(wish, plugin, named, pairs)
