"""Finds what is secret in a configuration, by its pydantic model or by that model's JSON schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pydantic
from pydantic import BaseModel, RootModel, SecretBytes, SecretStr, TypeAdapter

from assistant.catalog import MASK, Secret
from assistant.errors import ConfigurationError

_SHORT = 4  # a shorter secret stands in too many words to be looked for in messages


def with_secrets(value: Any, dumped: Any) -> Any:
    """Return `dumped`, which pydantic made of `value` with masks for secrets, with `Secret`s instead of these."""
    match value:
        case SecretStr() | SecretBytes() | pydantic.Secret():
            plain = TypeAdapter(Any).dump_python(value.get_secret_value(), mode="json")
            return plain if plain in (None, "") else Secret.of(plain)
        case RootModel():
            return with_secrets(value.root, dumped)
        case BaseModel() | object(__dataclass_fields__=_) if isinstance(dumped, dict):
            return dumped | dict(_secret_fields(value, dumped))
        case Mapping() if isinstance(dumped, dict):
            pairs = zip(value.values(), dumped.items(), strict=True)
            return {key: with_secrets(item, shown) for item, (key, shown) in pairs}
        case list() | tuple() | set() | frozenset() if isinstance(dumped, list):
            return [with_secrets(item, shown) for item, shown in zip(value, dumped, strict=True)]
    return dumped


def _secret_fields(value: Any, dumped: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, BaseModel):
        fields, more = type(value).model_fields, value.model_extra or {}
    else:
        fields, more = {}, vars(value)
    for name, item in (*((name, getattr(value, name)) for name in fields), *more.items()):
        alias = fields[name].serialization_alias if name in fields else None
        key = next((key for key in (name, alias) if key in dumped), None)
        if key is not None:
            yield key, with_secrets(item, dumped[key])
        elif isinstance(secret := with_secrets(item, None), Secret):  # kept out of dumps by `exclude`
            yield name, secret


def overlaid(stored: Any, marked: Any) -> Any:
    """Return `stored` with a `Secret` of its own value wherever `marked` has one."""
    match stored, marked:
        case str() | int() | float(), Secret():
            return Secret.of(stored)
        case Mapping(), Mapping():
            return {key: overlaid(item, marked.get(key)) for key, item in stored.items()}
        case list(), list() if len(stored) == len(marked):
            return [overlaid(item, other) for item, other in zip(stored, marked, strict=True)]
    return stored


def schema_marked(schema: Any, shared: Mapping[str, Any], values: Any) -> Any:
    """Return `values` with a `Secret` wherever the JSON schema says `password`; `shared` are its definitions."""
    if not isinstance(schema, Mapping):
        return values
    if schema.get("format") == "password":
        return Secret.of(values) if isinstance(values, str | int | float) and values not in ("", MASK) else values
    others = [shared.get(str(schema.get("$ref", "")).rpartition("/")[2])]
    others += [other for word in ("anyOf", "oneOf", "allOf") for other in schema.get(word, ())]
    for other in others:
        values = schema_marked(other, shared, values)
    match values:
        case Mapping():
            known, more = schema.get("properties", {}), schema.get("additionalProperties")
            return {key: schema_marked(known.get(key, more), shared, item) for key, item in values.items()}
        case list():
            first, rest = schema.get("prefixItems", []), schema.get("items")
            return [
                schema_marked(first[at] if at < len(first) else rest, shared, item) for at, item in enumerate(values)
            ]
    return values


def refuse_masks(what: str, values: Any, path: str = "") -> None:
    """Raise ConfigurationError where a secret is the mask that stands for one; `what` has it, for the message."""
    match values:
        case Secret() if values.reveal() == MASK:
            raise ConfigurationError(
                f"{what}: {path}: {MASK} stands for a stored secret, and here is none", "give the secret itself"
            )
        case Mapping():
            for key, item in values.items():
                refuse_masks(what, item, f"{path}.{key}" if path else str(key))
        case list():
            for at, item in enumerate(values):
                refuse_masks(what, item, f"{path}.{at}")


def long_texts(values: Any) -> Iterator[str]:
    """Yield the secrets among the values that can be looked for in a text."""
    match values:
        case Secret():
            yield from _texts(values.reveal())
        case Mapping():
            for item in values.values():
                yield from long_texts(item)
        case list():
            for item in values:
                yield from long_texts(item)


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str() if len(value) >= _SHORT and value not in MASK:
            yield value
        case Mapping():
            for item in value.values():
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)


def password_texts(model: type[BaseModel], values: Any) -> Iterator[str]:
    """Yield the texts in a configuration that need not be valid where the model's JSON schema says `password`."""
    for by_alias in (True, False):
        try:
            schema = model.model_json_schema(by_alias=by_alias)
        except pydantic.PydanticUserError:  # a type that has none
            return
        yield from schema_texts(schema, schema.get("$defs", {}), values)


def schema_texts(schema: Any, shared: Mapping[str, Any], values: Any) -> Iterator[str]:
    """Yield the texts among `values` where the JSON schema says `password`; `shared` are its definitions."""
    for value in schema_values(schema, shared, values, "password"):
        yield from _texts(value)


def schema_values(schema: Any, shared: Mapping[str, Any], values: Any, form: str) -> Iterator[Any]:
    """Yield those among `values` of which the JSON schema says that they have this `format`."""
    if not isinstance(schema, Mapping):
        return
    if schema.get("format") == form:
        yield values
    inner: list[tuple[Any, Any]] = [(shared.get(str(schema.get("$ref", "")).rpartition("/")[2]), values)]
    inner += [(other, values) for word in ("anyOf", "oneOf", "allOf") for other in schema.get(word, ())]
    if isinstance(values, Mapping):
        known = schema.get("properties", {})
        inner += [(known.get(key, schema.get("additionalProperties")), item) for key, item in values.items()]
    elif isinstance(values, list):
        first = schema.get("prefixItems", [])
        inner += [(first[at] if at < len(first) else schema.get("items"), item) for at, item in enumerate(values)]
    for other, item in inner:
        yield from schema_values(other, shared, item, form)
