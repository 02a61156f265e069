"""The tools page: what is configured for the model, and the form for another one."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import admin_texts, asking, drawn, forms, held, render, schemas, session, texts, trial_texts, widgets
from ui.client import ApiError
from ui.models import Json
from ui.tools import Tool, ToolKind
from ui.views import tool_trial

_REMOVING = "tool-removing"
_BADGES = {"enabled": "on", "failing": "bad"}


def page() -> None:
    """Draw the configured tools, and the form for another one."""
    st.html(render.element("h1", escape(texts.TOOLS), "as-heading"))
    found = widgets.latest(session.attempt(session.client().tools), "tools")
    if found is None:
        return
    tools, kinds = found
    if not tools:
        widgets.notice(admin_texts.NO_TOOLS, admin_texts.NO_TOOLS_HINT, kind="quiet")
    for tool in tools:
        _tool(tool, next((kind for kind in kinds if kind.name == tool.kind), None))
    with st.expander(admin_texts.ADD_TOOL, icon=":material/add:", key="add-tool", expanded=not tools):
        _add(kinds)


def _tool(tool: Tool, kind: ToolKind | None) -> None:
    with st.container(border=True, key=f"tool-{tool.name}"):
        st.html(_head(tool))
        if tool.error:
            widgets.notice(tool.error, kind="error")
        with st.expander(admin_texts.offered(len(tool.offered)), key=f"offered-{tool.name}"):
            lines = [
                render.element(
                    "li",
                    render.element("strong", escape(one.name))
                    + render.element(
                        "span",
                        escape(f"{one.description}{admin_texts.asks(writes=one.writes, reaches_out=one.reaches_out)}"),
                    ),
                )
                for one in tool.offered
            ]
            st.html(render.element("ul", "".join(lines), "as-failures"))
        if tool.offered and tool.state == "enabled":
            with st.expander(trial_texts.CALL_TITLE, icon=":material/play_arrow:", key=f"trial-of-{tool.name}"):
                tool_trial.draw(tool)
        with st.container(horizontal=True, gap="small"):
            _action(admin_texts.TEST, ":material/network_check:", tool, "test")
            if not tool.fixed:
                switch = (admin_texts.ENABLE, "enable") if tool.off else (admin_texts.DISABLE, "disable")
                _action(switch[0], ":material/power_settings_new:", tool, switch[1])
                if kind is not None:
                    st.button(
                        admin_texts.EDIT,
                        key=f"edit-tool-{tool.name}",
                        icon=":material/edit:",
                        help=render.plain(tool.name),
                        on_click=_set_editing,
                        args=(tool.name,),
                    )
                st.button(
                    texts.REMOVE,
                    key=f"remove-tool-{tool.name}",
                    icon=":material/delete:",
                    type="tertiary",
                    help=render.plain(tool.name),
                    on_click=_set_removing,
                    args=(tool.name,),
                )
        if asking.about(_REMOVING) == tool.name:
            _confirm_removal(tool)
        if kind is not None and st.session_state.get("editing_tool") == tool.name:
            _edit(tool, kind)


def _head(tool: Tool) -> str:
    badge = f"as-badge as-badge-{_BADGES.get(tool.state, 'off')}"
    state = admin_texts.TOOL_STATES.get(tool.state, tool.state)
    head = render.element("h2", escape(tool.name)) + render.element("span", escape(state), badge)
    facts = [tool.kind, admin_texts.for_groups(tool.groups)]
    if tool.fixed:
        facts.append(admin_texts.FROM_SETTINGS)
    about = "".join(render.element("span", escape(fact)) for fact in facts)
    return render.element("div", head, "as-source") + render.element("div", about, "as-about")


def _action(label: str, icon: str, tool: Tool, action: str) -> None:
    wish = held.button(label, f"{action}-tool-{tool.name}", icon=icon, help=render.plain(tool.name))
    if wish is not None:
        api = session.client()
        outcome = held.do(wish, lambda: api.act_on_tool(tool.name, action))
        if isinstance(outcome, ApiError):
            widgets.notice(outcome.message, outcome.hint, kind="error")
            return
        st.session_state.said = admin_texts.tool_done(tool.name, action, outcome.tried)
        st.rerun()


def _set_editing(name: str | None) -> None:
    """Remember which tool is being changed: its card shows the form."""
    st.session_state.editing_tool = name


def _edit(tool: Tool, kind: ToolKind) -> None:
    fields, now = schemas.fields_of(kind.schema), (tool.config, tool.groups)
    was = drawn.base(f"edit-groups-{tool.name}", now)
    with st.form(f"edit-tool-{tool.name}-form", border=False, enter_to_submit=False):
        groups = st.text_input(
            admin_texts.TOOL_GROUPS,
            ", ".join(tool.groups),
            key=f"edit-groups-{tool.name}",
            help=admin_texts.TOOL_GROUPS_HELP,
        )
        filled = forms.draw(fields, f"edit-{tool.name}", tool.config)
        with st.container(horizontal=True, gap="small"):
            wish = held.submit(
                admin_texts.SAVE,
                f"change-tool-{tool.name}",
                held.filled(f"edit-{tool.name}", f"edit-groups-{tool.name}"),
                type="primary",
                icon=":material/save:",
            )
            st.form_submit_button(texts.CANCEL, on_click=_set_editing, args=(None,))
    if wish is None:
        return
    if not wish.is_begun and now != was:
        drawn.take(f"edit-groups-{tool.name}", now)
        held.clear()
        widgets.notice(texts.CHANGED_MEANWHILE, admin_texts.changed(_changes(fields, *was, tool)), kind="warning")
        return
    try:
        config = schemas.config_of(fields, filled, tool.config)
    except schemas.FieldError as error:
        widgets.notice(str(error), kind="error")
        return
    api = session.client()
    outcome = held.do(wish, lambda: api.change_tool(tool.name, config, _named(groups)))
    if isinstance(outcome, ApiError):
        _say(outcome, "")
        return
    _set_editing(None)
    st.session_state.said = admin_texts.tool_done(tool.name, "edit", outcome.tried)
    st.rerun()


def _changes(fields: tuple[schemas.Field, ...], config: Json, groups: tuple[str, ...], tool: Tool) -> list[str]:
    """Return what stands in the fields that differ now."""
    said = schemas.changes(fields, config, tool.config)
    return said if groups == tool.groups else [f"{admin_texts.TOOL_GROUPS}: {', '.join(tool.groups)}", *said]


def _named(groups: str) -> list[str]:
    return [group.strip() for group in groups.split(",") if group.strip()]


def _set_removing(name: str | None) -> None:
    asking.ask(_REMOVING, name)


def _confirm_removal(tool: Tool) -> None:
    asked = admin_texts.REMOVE_TOOL_TITLE, admin_texts.REMOVE_TOOL_BODY
    if not widgets.confirmed(*asked, "remove-tool", lambda: _set_removing(None)):
        return
    outcome = session.attempt(lambda: session.client().remove_tool(tool.name))
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    _set_removing(None)
    st.session_state.said = texts.removed(tool.name)
    st.rerun()


def _add(kinds: tuple[ToolKind, ...]) -> None:
    names = {f"{kind.about.rstrip('.')} ({kind.name})": kind for kind in kinds}
    chosen = st.selectbox(
        admin_texts.KIND, list(names), index=None, key="tool-kind", placeholder=admin_texts.CHOOSE_KIND
    )
    if chosen is None:
        return
    kind = names[chosen]
    fields = schemas.fields_of(kind.schema)
    with st.form(f"add-tool-{kind.name}", border=False, enter_to_submit=False):
        left, right = st.columns(2)
        name = left.text_input(
            admin_texts.TOOL_NAME, key=f"tool-name-{kind.name}", help=admin_texts.TOOL_NAME_HELP, max_chars=40
        )
        groups = right.text_input(
            admin_texts.TOOL_GROUPS,
            key=f"tool-groups-{kind.name}",
            help=admin_texts.TOOL_GROUPS_HELP,
            placeholder=admin_texts.TOOL_GROUPS_PLACEHOLDER,
        )
        filled = forms.draw(fields, f"tool-{kind.name}")
        with st.container(horizontal=True, gap="small"):
            given = held.filled(f"tool-{kind.name}", f"tool-name-{kind.name}", f"tool-groups-{kind.name}")
            to_add = held.submit(
                admin_texts.ADD_THIS, f"add-tool-{kind.name}", given, type="primary", icon=":material/add:"
            )
            to_try = held.submit(admin_texts.TEST, f"try-tool-{kind.name}", given, icon=":material/network_check:")
    if to_add is None and to_try is None:
        return
    try:
        config = schemas.config_of(fields, filled)
    except schemas.FieldError as error:
        widgets.notice(str(error), kind="error")
        return
    api = session.client()
    if to_add is None and to_try is not None:
        line = held.do(to_try, lambda: api.try_tool(kind.name, config))
        _say(line if isinstance(line, ApiError) else None, admin_texts.works(str(line)))
        return
    outcome = held.do(to_add or held.Wish(), lambda: api.add_tool(name.strip(), kind.name, config, _named(groups)))
    if isinstance(outcome, ApiError):
        _say(outcome, "")
        return
    st.session_state.said = admin_texts.tool_done(outcome.name, "add", outcome.tried)
    st.session_state.pop("tool-kind", None)
    st.rerun()


def _say(error: ApiError | None, otherwise: str) -> None:
    if error is None:
        widgets.notice(otherwise)
    else:
        widgets.notice(error.message, error.hint, kind="error")
