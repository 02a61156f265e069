"""Makes fields of a form from a JSON schema, and a configuration from what was filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ui import admin_texts
from ui.models import Json

Shape = Literal[
    "text", "secret", "whole", "number", "switch", "choice", "date", "list", "pairs", "table", "group", "json"
]
_SHAPES: dict[str, Shape] = {"string": "text", "integer": "whole", "number": "number", "boolean": "switch"}


class FieldError(Exception):
    """What was filled into a field cannot be sent; the message names the field for a person, `field` for the form.

    The field of a group is named with it: `login.user`. Of a row the whole table is named.
    """

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form.

    Attributes:
        name: what the configuration calls it.
        label: what people read.
        help: what it is for.
        shape: how it is filled in. `list` is an item a line, `pairs` a `NAME: value` a line, `table` a row an object,
            `group` an object with fields of its own.
        required: whether it has to be filled in.
        default: as JSON; None: none.
        choices: of a `choice`.
        secret: whether the values of `pairs` are.
        least, most: of a number; None: any.
        inner: the fields of a `group`, the columns of a `table`.
    """

    name: str
    label: str
    help: str
    shape: Shape
    required: bool
    default: Any = None
    choices: tuple[str, ...] = ()
    secret: bool = False
    least: float | None = None
    most: float | None = None
    inner: tuple[Field, ...] = ()

    @property
    def is_folded(self) -> bool:
        """Whether the field can be left out of sight: it need not be filled in, and signs nobody in."""
        return not self.required and self.shape != "secret"


def fields_of(schema: Json) -> tuple[Field, ...]:
    """Return the fields for a JSON schema of an object, those that have to be filled in first."""
    required = set(schema.get("required", ()))
    made = [_field(name, one, schema, name in required) for name, one in schema.get("properties", {}).items()]
    return tuple(sorted(made, key=lambda field: (not field.required, field.is_folded)))


def config_of(fields: Sequence[Field], filled: Mapping[str, Any], current: Json | None = None) -> dict[str, Any]:
    """Return the configuration; what was left empty or as it is by default is left out.

    Args:
        fields: of the form.
        filled: by the field's name what its widget holds: a text, a number or a truth value; None: nothing.
        current: the configuration that is changed, with masks for secrets: those left empty stay what they are.

    Raises:
        FieldError: a field that has to be filled in is empty, or holds something else than it has to.
    """
    config: dict[str, Any] = {}
    for field in fields:
        if field.shape == "group":
            value: Any = _group(field, filled.get(field.name) or {}, current)
        else:
            value = _value(field, filled.get(field.name))
        if value is None:
            if field.shape == "secret" and current and current.get(field.name):
                config[field.name] = current[field.name]
            elif field.required:
                raise FieldError(admin_texts.field_missing(field.label), field.name)
        elif field.required or value != field.default:
            config[field.name] = value
    return config


def shown(field: Field, value: Any) -> str:
    """Return a value as it stands in a field that holds text; nothing for a secret."""
    match value:
        case list() if field.shape == "list":
            return "\n".join(map(str, value))
        case Mapping() if field.shape == "pairs":
            return "\n".join(f"{name}: {one}" for name, one in value.items())
        case str():
            return "" if field.shape == "secret" else value
    return "" if value in (None, {}, []) else json.dumps(value, ensure_ascii=False)


def _field(name: str, raw: Json, whole: Json, required: bool) -> Field:
    schema = _resolved(raw, whole)
    label = str(raw.get("title") or schema.get("title") or name)
    said = str(raw.get("description") or schema.get("description") or "")
    default = raw.get("default", schema.get("default"))
    shape, choices, secret = _shape(schema, whole)
    least, most = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum")
    return Field(
        name, label, said, shape, required, default, choices, secret, least, most, _inner(shape, schema, whole)
    )


def _shape(schema: Json, whole: Json) -> tuple[Shape, tuple[str, ...], bool]:
    if isinstance(schema.get("enum"), list) and all(isinstance(one, str) for one in schema["enum"]):
        return "choice", tuple(schema["enum"]), False
    if schema.get("format") == "password":
        return "secret", (), True
    kind = schema.get("type")
    if kind == "string" and schema.get("format") == "date":
        return "date", (), False
    if kind == "array":
        return _shape_of_items(schema.get("items"), whole), (), False
    if kind == "object":
        return _shape_of_object(schema, whole)
    return _SHAPES.get(str(kind), "json"), (), False


def _shape_of_items(items: Any, whole: Json) -> Shape:
    item = _resolved(items, whole) if isinstance(items, Mapping) else {}
    if item.get("type") == "string":
        return "list"
    return "table" if item.get("type") == "object" and _is_flat(item, whole) else "json"


def _shape_of_object(schema: Json, whole: Json) -> tuple[Shape, tuple[str, ...], bool]:
    if schema.get("properties"):
        return "group", (), False
    values = schema.get("additionalProperties")
    inner = _resolved(values, whole) if isinstance(values, Mapping) else {}
    return ("pairs" if inner.get("type") == "string" else "json"), (), inner.get("format") == "password"


def _is_flat(item: Json, whole: Json) -> bool:
    """Whether an object holds nothing but what a cell of a table can: no secrets, no lists."""
    cells = {"text", "whole", "number", "switch", "choice"}
    fields = fields_of({**item, "$defs": whole.get("$defs", {})})
    return bool(fields) and all(field.shape in cells for field in fields)


def _inner(shape: Shape, schema: Json, whole: Json) -> tuple[Field, ...]:
    if shape not in {"group", "table"}:
        return ()
    held = _resolved(schema["items"], whole) if shape == "table" else schema
    return fields_of({**held, "$defs": whole.get("$defs", {})})


def _resolved(schema: Json, whole: Json) -> Json:
    """Return the schema without a reference, and without saying that it may be null."""
    for _ in range(10):
        parts = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
        if len(parts) == 1:
            schema = parts[0]
        elif isinstance(schema.get("$ref"), str):
            schema = whole.get("$defs", {}).get(schema["$ref"].rpartition("/")[2], {})
        else:
            break
    return schema


def _group(field: Field, filled: Mapping[str, Any], current: Json | None) -> dict[str, Any] | None:
    """Return the object for a group, None where nothing of one that may be left out is filled in."""
    known = (current or {}).get(field.name)
    try:
        if not field.required and not any(
            _value(one, filled.get(one.name)) not in (None, one.default) for one in field.inner
        ):
            return None
        return config_of(field.inner, filled, known if isinstance(known, Mapping) else None) or None
    except FieldError as error:
        raise FieldError(str(error), f"{field.name}.{error.field}") from error


def _rows(field: Field, filled: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]] | None:
    rows = [{name: value for name, value in row.items() if value not in (None, "")} for row in filled]
    try:
        return [config_of(field.inner, row) for row in rows if row] or None
    except FieldError as error:
        raise FieldError(str(error), field.name) from error


def _value(field: Field, filled: Any) -> Any:
    if field.shape in {"switch", "whole", "number"} or filled is None:
        return filled
    if field.shape == "table":
        return _rows(field, filled)
    if field.shape == "date":
        return filled.isoformat()
    text = str(filled) if field.shape == "secret" else str(filled).strip()
    return _of_text(field, text) if text else None


def _of_text(field: Field, text: str) -> Any:
    """Return what a text stands for that was typed into a field."""
    if field.shape == "list":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if field.shape == "pairs":
        return dict(_pair(field, line) for line in text.splitlines() if line.strip())
    if field.shape == "json":
        try:
            return json.loads(text)
        except ValueError as error:
            raise FieldError(admin_texts.field_no_json(field.label), field.name) from error
    return text


def _pair(field: Field, line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        raise FieldError(admin_texts.field_no_pair(field.label), field.name)
    return name.strip(), value.strip()


def refused_field(message: str, fields: Sequence[Field]) -> str:
    """Return which field the API names in a refusal, as `WHAT: FIELD: why` or `WHAT: FIELD.PART: why`; empty: none."""
    for part in message.split(": ")[:-1]:
        name = part.partition(".")[0]
        if any(field.name == name for field in fields):
            return name
    return ""
