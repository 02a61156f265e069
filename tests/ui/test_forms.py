"""What is wrong with a field of a generated form stands beneath it, in groups and tables as well."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.test_app import visible
from ui import admin_texts

_LOGIN: dict[str, Any] = {
    "type": "object",
    "required": ["user"],
    "properties": {
        "user": {"type": "string", "title": "User"},
        "password": {"type": "string", "format": "password", "title": "Password"},
    },
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "login": {**_LOGIN, "title": "Login"},
        "proxy": {
            "type": "object",
            "title": "Proxy",
            "properties": {
                "options": {"type": "object", "title": "Options", "additionalProperties": {"type": "string"}},
                "login": {**_LOGIN, "title": "Login at the proxy"},
            },
        },
        "pages": {
            "type": "array",
            "title": "Pages",
            "default": [{"depth": 1}],
            "items": {
                "type": "object",
                "required": ["path"],
                "properties": {"path": {"type": "string", "title": "Path"}, "depth": {"type": "integer"}},
            },
        },
    },
}
MISSING = admin_texts.field_missing("User")


VALUES: dict[str, Any] = {
    "type": "object",
    "properties": {
        "open": {"type": "boolean", "title": "Open"},
        "query": {"type": "string", "title": "Query", "default": "SELECT 1\nFROM pages"},
        "name": {"type": "string", "title": "Name", "default": "a"},
        "id": {"anyOf": [{"type": "string"}, {"type": "integer"}], "title": "Id", "default": 1},
    },
}


def _values() -> None:
    import streamlit as st

    from tests.ui.test_forms import VALUES
    from ui import forms, schemas

    fields, held = schemas.fields_of(VALUES), st.session_state.held
    st.session_state.config = schemas.config_of(fields, forms.draw(fields, "form", held), held)


def _form() -> None:
    import streamlit as st

    from tests.ui.test_forms import SCHEMA
    from ui import forms, schemas
    from ui.views import source_settings

    fields = schemas.fields_of(SCHEMA)
    wrong = st.session_state.setdefault("wrong", {})
    current = {"pages": st.session_state.get("rows", [])}
    with st.form("form"):
        filled = forms.draw(fields, "form", current, errors=wrong)
        sent = st.form_submit_button("Save")
    if sent and source_settings.config_from(fields, filled, wrong) is None:
        st.rerun()


def sent(filled: dict[str, str], **state: Any) -> AppTest:
    """Return the form after it was sent with what is filled in."""
    app = AppTest.from_function(_form, default_timeout=240)
    for name, value in state.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception
    for key, value in filled.items():
        next(one for one in (*app.text_input, *app.text_area) if one.key == key).set_value(value)
    app.button[0].click().run()
    assert not app.exception
    return app


def test_what_is_missing_in_a_group_stands_in_it_though_it_was_folded() -> None:
    app = sent({"form-login-password": "x"})
    assert MISSING in visible(app)
    assert not any(one.key == "form-login-user" for one in app.expander[0].text_input)


def test_it_stands_in_that_group_alone() -> None:
    app = sent({"form-proxy-login-password": "x"})
    assert visible(app).count(MISSING) == 1
    before, _, after = visible(app).partition("Login at the proxy")
    assert MISSING not in before
    assert MISSING in after


def test_what_is_no_pair_in_a_group_is_said_beneath_it() -> None:
    shown = visible(sent({"form-proxy-options": "no pair"}))
    assert shown.count(admin_texts.field_no_pair("Options")) == 1


def test_a_row_that_lacks_a_column_is_said_beneath_the_table() -> None:
    shown = visible(sent({}, rows=[{"depth": 2}]))
    assert shown.count(admin_texts.field_missing("Path")) == 1


def values(**held: Any) -> AppTest:
    """Return a form of a configuration, which is in the state `config` as the form would save it."""
    app = AppTest.from_function(_values, default_timeout=60)
    app.session_state["held"] = held
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize(
    "held", [{}, {"open": False, "query": "SELECT 2\nFROM t", "id": "7"}, {"open": True, "id": ""}]
)
def test_a_form_that_is_not_touched_saves_what_there_was(held: dict[str, Any]) -> None:
    assert values(**held).session_state["config"] == held


def test_a_yes_or_no_can_be_left_unsaid() -> None:
    app = values(open=True)
    for said, sent in ((admin_texts.NO, {"open": False}), (admin_texts.NOT_SAID, {})):
        app.selectbox(key="form-open").set_value(said).run()
        assert app.session_state["config"] == sent


def test_a_text_of_several_lines_stands_in_several_lines() -> None:
    app = values(name="b\nc")
    assert [area.key for area in app.text_area] == ["form-name", "form-query", "form-id"]
    app.text_area(key="form-query").set_value("SELECT 3\nFROM t").run()
    assert app.session_state["config"] == {"name": "b\nc", "query": "SELECT 3\nFROM t"}
    assert [one.key for one in values().text_input] == ["form-name"]


def test_a_text_that_could_be_a_number_is_changed_as_text() -> None:
    app = values(id="7")
    assert app.text_area(key="form-id").value == '"7"'
    app.text_area(key="form-id").set_value('"8"').run()
    assert app.session_state["config"] == {"id": "8"}
