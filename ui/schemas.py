"""Makes fields of a form from a JSON schema, and a configuration from what was filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Literal

from ui import admin_texts, lines
from ui.models import Json

Shape = Literal[
    "text", "secret", "whole", "number", "switch", "maybe", "choice", "date", "list", "pairs", "table", "group", "json"
]
_SHAPES: dict[str, Shape] = {"string": "text", "integer": "whole", "number": "number", "boolean": "switch"}
_BLANK: dict[Shape, Any] = {"text": "", "list": [], "table": [], "pairs": {}, "group": {}}
_BLANK_JSON: dict[str, Any] = {"object": {}, "array": []}
_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})
FORGET: Final[Any] = object()  # what the widget of a secret holds to take away what is stored
_NOTHING: Final[Any] = object()  # beside None, which can be what is said


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
        shape: how it is filled in. `maybe` is a `switch` of which nothing need be said, `list` an item a line, `pairs`
            a `NAME: value` a line (see `ui.lines`), `table` a row an object, `group` an object with fields of its own.
        required: whether it has to be filled in.
        default: as JSON; None: none.
        choices: of a `choice`.
        secret: whether the values of `pairs` are.
        least, most: of a number; None: any.
        inner: the fields of a `group`, the columns of a `table`.
        nullable: whether it may be null.
        empty: what it is, as JSON, when nothing is in it; None: it cannot be empty, or only null.
        forgettable: whether a stored secret can be taken away: it, or a group that it is in, need not be filled in.
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
    nullable: bool = False
    empty: Any = None
    forgettable: bool = False

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
    """Return the configuration; what is as it is by default is left out, and what was emptied is sent as empty.

    Args:
        fields: of the form.
        filled: by the field's name what its widget holds: a text, a number or a truth value; None: nothing. A field
            that is not in it was not shown, and is left out.
        current: the configuration that is changed, with masks for secrets: what was not touched stays what it is, and
            a secret for which there is `FORGET` is left out.

    Raises:
        FieldError: a field that has to be filled in is empty, or holds something else than it has to.
    """
    config: dict[str, Any] = {}
    for field in fields:
        value = _said(field, filled, current or {})
        if value is not _NOTHING and (field.required or value != field.default):
            config[field.name] = value
    return config


def drawn(field: Field, value: Any) -> Any:
    """Return what a field's widget holds at first for a value; nothing for a secret."""
    made: Any = shown(field, value)
    match field.shape:
        case "switch":
            made = bool(value)
        case "maybe":
            made = value if isinstance(value, bool) else None
        case "whole" | "number" if value is not None:
            made = int(value) if field.shape == "whole" else float(value)
        case "date" if made:
            made = date.fromisoformat(made)
        case "whole" | "number" | "date":
            made = None
        case "choice":
            made = made if made in field.choices else None
        case "group":
            held = value if isinstance(value, Mapping) else {}
            made = {one.name: drawn(one, held.get(one.name, one.default)) for one in field.inner}
        case "table":
            made = value if isinstance(value, list) else []
    return made


def changes(fields: Sequence[Field], was: Json, now: Json) -> list[str]:
    """Return what stands now in the fields in which two configurations differ, each with its label."""
    changed = [one for one in fields if was.get(one.name) != now.get(one.name)]
    return [f"{one.label}: {shown(one, now.get(one.name))}" for one in changed]


def shown(field: Field, value: Any) -> str:
    """Return a value as it stands in a field that holds text; nothing for a secret."""
    match value:
        case list() if field.shape == "list":
            return lines.list_text(value)
        case Mapping() if field.shape == "pairs":
            return lines.pairs_text(value)
        case str() if field.shape != "json":
            return "" if field.shape == "secret" else value
    return "" if value in _EMPTY else json.dumps(value, ensure_ascii=False)


def _field(name: str, raw: Json, whole: Json, required: bool) -> Field:
    schema = _resolved(raw, whole)
    label = str(raw.get("title") or schema.get("title") or name)
    said = str(raw.get("description") or schema.get("description") or "")
    default = raw.get("default", schema.get("default"))
    nullable = any(one.get("type") == "null" for one in raw.get("anyOf", ()))
    shape, choices, secret = _shape(schema, whole)
    if shape == "switch" and (nullable or (default is None and not required)):
        shape = "maybe"
    least, most = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum")
    return Field(
        name,
        label,
        said,
        shape,
        required,
        default,
        choices,
        secret,
        least,
        most,
        inner=_inner(shape, schema, whole, required),
        nullable=nullable,
        empty=_BLANK.get(shape, _BLANK_JSON.get(str(schema.get("type"))) if shape == "json" else None),
        forgettable=not required,
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
    cells = {"text", "whole", "number", "switch", "maybe", "choice"}
    fields = fields_of({**item, "$defs": whole.get("$defs", {})})
    return bool(fields) and all(field.shape in cells for field in fields)


def _inner(shape: Shape, schema: Json, whole: Json, required: bool) -> tuple[Field, ...]:
    if shape not in {"group", "table"}:
        return ()
    held = _resolved(schema["items"], whole) if shape == "table" else schema
    fields = fields_of({**held, "$defs": whole.get("$defs", {})})
    return fields if required else tuple(map(_forgettable, fields))


def _forgettable(field: Field) -> Field:
    return replace(field, forgettable=True, inner=tuple(map(_forgettable, field.inner)))


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


def _said(field: Field, filled: Mapping[str, Any], current: Json) -> Any:
    """Return what was said of a field; `_NOTHING`: nothing, it is left out."""
    held, stored = filled.get(field.name), current.get(field.name)
    if field.shape == "secret" and not held and stored:
        return stored
    if field.name in current and field.name in filled and _is_untouched(field, held, stored):
        return stored
    value = _group(field, held or {}, stored) if field.shape == "group" else _value(field, held, stored)
    if value is not None:
        return value
    return _emptied(field, stored) if field.required or field.name in filled else _NOTHING


def _emptied(field: Field, stored: Any) -> Any:
    """Return what to send of an empty field: were it left out, the API would fill in what it is by default."""
    if field.required:
        raise FieldError(admin_texts.field_missing(field.label), field.name)
    is_unknown = field.default is None and not field.nullable  # the schema does not say what it is by default
    was_said = is_unknown and field.shape != "group" and stored not in _EMPTY
    if field.shape == "secret" or (field.default in _EMPTY and not was_said):
        return _NOTHING
    if field.nullable:
        return None
    if field.empty is None and not is_unknown:
        raise FieldError(admin_texts.field_missing(field.label), field.name)
    return _NOTHING if field.empty is None else field.empty


def _is_untouched(field: Field, held: Any, stored: Any) -> bool:
    """Whether a widget holds what it held at first. A table never counts as that: its rows are looked at one by one."""
    match field.shape:
        case "secret":
            return not held
        case "table":
            return False
        case "group":
            known, inner = (one if isinstance(one, Mapping) else {} for one in (stored, held))
            return isinstance(stored, Mapping) and all(
                _is_untouched(one, inner.get(one.name), known.get(one.name, one.default)) for one in field.inner
            )
    return bool(held == drawn(field, stored))


def _group(field: Field, filled: Mapping[str, Any], stored: Any) -> dict[str, Any] | None:
    """Return the object for a group, None where nothing of one that may be left out is filled in."""
    known = stored if isinstance(stored, Mapping) else {}
    or_emptied = not field.nullable  # the object is there then in any case, and its fields what they are by default
    if not field.required and not any(
        _is_filled(one, filled.get(one.name), known, or_emptied=or_emptied) for one in field.inner
    ):
        return None
    try:
        return config_of(field.inner, filled, known)
    except FieldError as error:
        raise FieldError(str(error), f"{field.name}.{error.field}") from error


def _is_filled(field: Field, held: Any, known: Json, *, or_emptied: bool) -> bool:
    """Whether a field of a group holds something, or nothing where that counts, that it does not by default."""
    if field.shape == "group":
        inner, stored = (one if isinstance(one, Mapping) else {} for one in (held, known.get(field.name)))
        return any(_is_filled(one, inner.get(one.name), stored, or_emptied=or_emptied) for one in field.inner)
    if field.shape == "table":
        return any(map(_bare, held or ()))
    first = drawn(field, field.default)
    if field.shape == "secret":
        return held is not FORGET and bool(held or known.get(field.name))
    if (held.strip() if isinstance(held, str) else held) in _EMPTY:
        return or_emptied and first not in _EMPTY
    return bool(held != first)


def _rows(field: Field, filled: Sequence[Mapping[str, Any]], stored: Any) -> list[dict[str, Any]] | None:
    """Return the objects for a table's rows; one that is as it was stays what it is, with what its cells do not say."""
    known = [(_bare(row), dict(row)) for row in stored or () if isinstance(row, Mapping)]
    rows = [row for row in map(_bare, filled) if row]
    try:
        made = [config_of(field.inner, row) for row in rows]
    except FieldError as error:
        raise FieldError(str(error), field.name) from error
    return [next((one for bare, one in known if bare == row), new) for row, new in zip(rows, made, strict=True)] or None


def _bare(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value not in (None, "")}


def _value(field: Field, filled: Any, stored: Any) -> Any:
    """Return what was filled in as JSON, None where it is empty."""
    if filled is None or filled is FORGET:
        return None
    if field.shape in {"switch", "maybe", "whole", "number"}:
        return filled
    if field.shape == "table":
        return _rows(field, filled, stored)
    if field.shape == "date":
        return filled.isoformat()
    text = str(filled) if field.shape in {"secret", "list", "pairs"} else str(filled).strip()  # lines strip their own
    return _of_text(field, text) if text and (field.shape == "secret" or text.strip()) else None


def _of_text(field: Field, text: str) -> Any:
    """Return what a text stands for that was typed into a field."""
    try:
        match field.shape:
            case "list":
                return lines.list_of(text)
            case "pairs":
                return lines.pairs_of(text)
            case "json":
                return json.loads(text)
    except json.JSONDecodeError as error:
        raise FieldError(admin_texts.field_no_json(field.label), field.name) from error
    except ValueError as error:
        raise FieldError(admin_texts.field_no_pair(field.label), field.name) from error
    return text


def refused_field(message: str, fields: Sequence[Field]) -> str:
    """Return which field the API names in a refusal, as `WHAT: FIELD: why` or `WHAT: FIELD.PART: why`; empty: none."""
    for part in message.split(": ")[:-1]:
        name = part.partition(".")[0]
        if any(field.name == name for field in fields):
            return name
    return ""
