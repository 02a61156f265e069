"""Forms from JSON schemas: which field is what, and what comes of what was filled in."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.fakes.api_tools import SCHEMA
from ui.schemas import FORGET, Field, FieldError, config_of, drawn, fields_of, refused_field, shown

FIELDS = fields_of(SCHEMA)
FILLED: dict[str, Any] = {"url": " https://shop ", "tables": "orders\n\n customers "}


def test_each_field_has_the_shape_of_its_schema() -> None:
    assert [(field.name, field.shape, field.required) for field in FIELDS] == [
        ("url", "text", True),
        ("tables", "list", True),
        ("password", "secret", False),
        ("about", "text", False),
        ("headers", "pairs", False),
        ("seconds", "number", False),
        ("rows", "whole", False),
        ("strict", "switch", False),
        ("level", "choice", False),
        ("more", "json", False),
    ]
    level = next(field for field in FIELDS if field.name == "level")
    assert (level.label, level.choices, shown(level, level.default)) == ("Level", ("low", "high"), "low")
    assert next(field for field in FIELDS if field.name == "headers").secret
    assert [shown(field, field.default) for field in FIELDS if field.name in {"headers", "more", "about"}] == [
        "",
        "",
        "",
    ]


def test_what_is_empty_or_as_it_was_is_left_out() -> None:
    untouched = {"about": "", "password": "", "headers": "", "seconds": 10.0, "rows": 200, "strict": True}
    assert config_of(FIELDS, {**FILLED, **untouched, "level": "low", "more": ""}) == {
        "url": "https://shop",
        "tables": ["orders", "customers"],
    }


def test_what_was_filled_in_becomes_json() -> None:
    more = {"password": " p w ", "headers": "X-Key: a:b\nX: ", "seconds": None, "rows": 5, "strict": False}
    assert config_of(FIELDS, {**FILLED, **more, "level": "high", "more": '{"a": [1]}'}) == {
        "url": "https://shop",
        "tables": ["orders", "customers"],
        "password": " p w ",
        "headers": {"X-Key": "a:b", "X": ""},
        "seconds": None,  # emptied: left out, it would be 10
        "rows": 5,
        "strict": False,
        "level": "high",
        "more": {"a": [1]},
    }


def test_a_form_filled_with_a_configuration_gives_it_back() -> None:
    held = {
        "url": "https://shop",
        "tables": ["a", "b"],
        "password": "**********",
        "headers": {"X-Key": "**********"},
        "more": {"a": 1},
    }
    filled = {field.name: shown(field, held.get(field.name)) for field in FIELDS if field.name in held}
    assert (filled["password"], filled["headers"]) == ("", "X-Key: **********")
    assert config_of(FIELDS, filled, held) == held
    assert config_of(FIELDS, {**filled, "password": "new"}, held)["password"] == "new"  # noqa: S105 (typed in a form)
    assert "password" not in config_of(FIELDS, filled)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"url": " "}, "Address has to be filled in"),
        ({"tables": "\n"}, "Tables has to be filled in"),
        ({"headers": "no colon"}, "Headers: write a name"),
        ({"headers": '{"X-Key": '}, "Headers is no JSON"),
        ({"tables": '["a", '}, "Tables is no JSON"),
        ({"more": "{"}, "Anything else is no JSON"),
    ],
)
def test_what_cannot_be_sent_is_named(changes: dict[str, str], told: str) -> None:
    with pytest.raises(FieldError, match=told):
        config_of(FIELDS, {**FILLED, **changes})


def test_any_schema_of_the_built_in_kinds_makes_a_form() -> None:
    from assistant.registry import load_registry

    registry = load_registry()
    kinds = {**registry.tool_kinds, **registry.sources}
    assert len(kinds) > 10
    for kind in kinds.values():
        schema = kind.schema()
        assert {field.name for field in fields_of(schema)} == set(schema.get("properties", {}))
        secret = [name for name, one in schema.get("properties", {}).items() if one.get("format") == "password"]
        assert {field.name for field in fields_of(schema) if field.shape == "secret"} == set(secret)


NESTED: dict[str, Any] = {
    "type": "object",
    "required": ["since"],
    "properties": {
        "since": {"type": "string", "format": "date"},
        "most": {"type": "integer", "minimum": 1, "maximum": 9},
        "login": {"$ref": "#/$defs/Login"},
        "pages": {"type": "array", "items": {"$ref": "#/$defs/Page"}},
        "odd": {"type": "array", "items": {"$ref": "#/$defs/Login"}},
    },
    "$defs": {
        "Login": {
            "type": "object",
            "required": ["user"],
            "properties": {
                "user": {"type": "string", "title": "User"},
                "password": {"type": "string", "format": "password", "default": ""},
            },
        },
        "Page": {"type": "object", "required": ["path"], "properties": {"path": {"type": "string"}}},
    },
}


def test_objects_and_lists_of_them_have_fields_of_their_own() -> None:
    fields = {field.name: field for field in fields_of(NESTED)}
    assert {name: field.shape for name, field in fields.items()} == {
        "since": "date",
        "most": "whole",
        "login": "group",
        "pages": "table",
        "odd": "json",  # a cell of a table hides no secret
    }
    assert (fields["most"].least, fields["most"].most) == (1, 9)
    assert [field.name for field in fields["login"].inner] == ["user", "password"]
    filled = {
        "since": date(2026, 1, 2),
        "login": {"user": "ann", "password": ""},
        "pages": [{"path": "/a"}, {"path": None}, {"path": ""}],
    }
    known = {"login": {"user": "ann", "password": "*****"}}
    assert config_of(tuple(fields.values()), filled, known) == {
        "since": "2026-01-02",
        "login": {"user": "ann", "password": "*****"},
        "pages": [{"path": "/a"}],
    }
    nothing = {"since": date(2026, 1, 2), "login": {"user": "", "password": ""}, "pages": []}
    assert config_of(tuple(fields.values()), nothing) == {"since": "2026-01-02"}
    with pytest.raises(FieldError, match="User") as caught:
        config_of(tuple(fields.values()), {**nothing, "login": {"password": "x"}})
    assert caught.value.field == "login.user"


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("source kind 'notes': site: is no address", "site"),
        ("source kind 'notes': login.user: is empty", "login"),
        ("the server does not answer: site", ""),
        ("the server does not answer", ""),
    ],
)
def test_a_refusal_names_its_field(message: str, field: str) -> None:
    fields = fields_of({"properties": {"site": {"type": "string"}, "login": {"type": "string"}}})
    assert refused_field(message, fields) == field


_PUBLIC = fields_of(
    {
        "properties": {
            "public": {"type": "string", "default": "group:everyone"},
            "kinds": {"type": "array", "items": {"type": "string"}, "default": ["issues"]},
            "names": {"type": "object", "additionalProperties": {"type": "string"}, "default": {"a": "b"}},
            "seconds": {"type": "number", "default": 10, "title": "Seconds"},
            "most": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": 5},
            "unsaid": {"type": "array", "items": {"type": "string"}},
        }
    }
)
_BEFORE = {"public": "group:hr", "kinds": ["wiki"], "names": {"c": "d"}, "seconds": 3, "most": 4, "unsaid": ["a"]}


def _first(fields: tuple[Field, ...], held: dict[str, Any]) -> dict[str, Any]:
    return {field.name: drawn(field, held.get(field.name, field.default)) for field in fields}


def test_what_is_emptied_is_sent_as_empty() -> None:
    emptied = {"public": " ", "kinds": "", "names": "", "seconds": 10, "most": None, "unsaid": ""}
    sent = {"public": "", "kinds": [], "names": {}, "most": None}
    assert config_of(_PUBLIC, emptied, _BEFORE) == {**sent, "unsaid": []}
    assert config_of(_PUBLIC, emptied) == sent
    with pytest.raises(FieldError, match="Seconds has to be filled in") as caught:
        config_of(_PUBLIC, {**emptied, "seconds": None}, _BEFORE)
    assert caught.value.field == "seconds"


@pytest.mark.parametrize(
    "held", [_BEFORE, {"public": ""}, {"public": None, "most": None}, {"kinds": [], "names": {}}, {"public": " a "}]
)
def test_what_is_not_touched_stays_what_it_is(held: dict[str, Any]) -> None:
    assert config_of(_PUBLIC, _first(_PUBLIC, held), held) == held


def test_a_row_that_is_not_touched_keeps_what_its_cells_do_not_say() -> None:
    row = {"path": "/a", "note": ""}
    columns = {"path": {"type": "string"}, "note": {"type": "string", "default": "x"}}
    fields = fields_of({"properties": {"pages": {"type": "array", "items": {"type": "object", "properties": columns}}}})
    filled = {"pages": [{"path": "/b", "note": None}, {"path": "/a", "note": ""}]}
    assert config_of(fields, filled, {"pages": [row]}) == {"pages": [{"path": "/b"}, row]}


def test_a_stored_secret_is_forgotten_when_that_is_said() -> None:
    held = {"url": "https://shop", "tables": ["a"], "password": "**********"}
    filled = _first(FIELDS, held)
    assert config_of(FIELDS, filled, held) == held
    assert config_of(FIELDS, {**filled, "password": FORGET}, held) == {"url": "https://shop", "tables": ["a"]}
    required = fields_of({**SCHEMA, "required": ["password"]})
    assert not required[0].forgettable
    with pytest.raises(FieldError, match="Password has to be filled in"):
        config_of(required, {**filled, "password": FORGET}, held)


@pytest.mark.parametrize("inner", [["password"], []])
def test_a_group_with_its_secret_forgotten_and_nothing_else_is_left_out(inner: list[str]) -> None:
    password = {"type": "string", "format": "password", "default": ""}
    login = {"type": "object", "required": inner, "properties": {"user": {"type": "string"}, "password": password}}
    fields = fields_of({"properties": {"login": login}})
    secret = next(field for field in fields[0].inner if field.name == "password")
    assert secret.forgettable
    held = {"login": {"user": "ann", "password": "*****"}}
    assert config_of(fields, {"login": {"user": "", "password": FORGET}}, held) == {}


def test_a_truth_value_of_which_nothing_is_said_stays_so() -> None:
    boolean: dict[str, Any] = {"type": "boolean"}
    maybe = {"anyOf": [boolean, {"type": "null"}]}
    one = {"unsaid": boolean, "null": {**maybe, "default": None}, "true": {**maybe, "default": True}}
    fields = fields_of({"properties": {**one, "plain": {**boolean, "default": False}}})
    assert [field.shape for field in fields] == ["maybe", "maybe", "maybe", "switch"]
    assert config_of(fields, _first(fields, {})) == {}
    for held in ({"unsaid": False, "null": True, "true": None}, {"null": False, "true": False, "plain": True}):
        assert config_of(fields, _first(fields, held), held) == held
    assert config_of(fields, {"unsaid": None, "null": False, "true": None, "plain": True}, {"unsaid": True}) == {
        "null": False,
        "true": None,
        "plain": True,
    }


@pytest.mark.parametrize("raw", [{}, {"default": None}])
def test_a_group_in_which_only_a_secret_is_stored_stays(raw: dict[str, Any]) -> None:
    password = {"type": "string", "format": "password", "default": ""}
    login = {"type": "object", "properties": {"user": {"type": "string", "default": ""}, "password": password}}
    fields = fields_of({"properties": {"login": {"anyOf": [login, {"type": "null"}], **raw}}})
    held = {"login": {"password": "*****"}}
    assert config_of(fields, {"login": {"user": "", "password": ""}}, held) == held
    changed = {"login": {"user": "ann", "password": "*****"}}
    assert config_of(fields, {"login": {"user": "", "password": ""}}, changed) == held


def test_a_field_of_a_group_that_is_emptied_is_empty() -> None:
    mode = {"type": "object", "properties": {"mode": {"type": "string", "default": "x"}, "user": {"type": "string"}}}
    schema = {"properties": {"always": mode, "never": {"anyOf": [mode, {"type": "null"}], "default": None}}}
    fields, held = fields_of(schema), {"always": {"mode": "y"}, "never": {"mode": ""}}
    filled = _first(fields, held)
    assert config_of(fields, filled, held) == held
    assert config_of(fields, {**filled, "always": {"mode": "", "user": ""}}, held) == {
        "always": {"mode": ""},
        "never": {"mode": ""},
    }
    assert config_of(fields, _first(fields, {}), {}) == {}
