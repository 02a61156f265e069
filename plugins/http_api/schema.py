"""Makes one JSON schema of an operation's parameters and body, with everything in it that it refers to."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from assistant.errors import ConfigurationError
from plugins.http_api.description import ApiDescription, Operation
from plugins.http_api.sign_in import SignIn

Where = Literal["path", "query", "header", "cookie", "json", "form"]

_WORDS = frozenset(
    {"type", "enum", "const", "title", "description", "default", "format", "pattern", "required", "multipleOf"}
    | {f"{bound}imum" for bound in ("min", "max", "exclusiveMin", "exclusiveMax")}
    | {f"{low}{word}" for low in ("min", "max") for word in ("Length", "Items", "Properties")}
    | {"uniqueItems"}
)
_MAPS = ("properties", "patternProperties")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLE = ("items", "additionalProperties", "not", "contains", "propertyNames")
_MOST_PARTS = 3_000  # schemas within one
_MOST_CHARACTERS = 60_000  # of JSON: a model has to read it with every question
_FORM = "application/x-www-form-urlencoded"
_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
_HEADERS_OF_HTTP = frozenset({"accept", "content-type", "authorization", "host", "cookie", "content-length"})


@dataclass(frozen=True, slots=True)
class Argument:
    """Where an argument of the tool goes in the request.

    Attributes:
        argument: what the model calls it.
        name: what the API calls it.
        where: the part of the request; `json` and `form` are the body.
        style, explode: how lists and objects are written, as OpenAPI has it.
        as_json: whether its value is written as JSON.
        media_type: of a body.
    """

    argument: str
    name: str
    where: Where
    style: str = "form"
    explode: bool = True
    as_json: bool = False
    media_type: str = ""


def arguments_of(
    description: ApiDescription, operation: Operation, sign_in: SignIn
) -> tuple[Mapping[str, Any], tuple[Argument, ...]]:
    """Return the JSON schema of the arguments of an operation, and where each of them goes.

    What the configuration signs in with is no argument: the model can neither see nor change it.

    Raises:
        ConfigurationError: the operation takes what cannot be described or sent, such as files.
    """
    inlining = _Inlining(description)
    properties: dict[str, Any] = {}
    required: list[str] = []
    found: list[Argument] = []
    for parameter in _parameters(description, operation):
        where, name = str(parameter.get("in")), str(parameter.get("name"))
        if where not in _STYLES:
            raise ConfigurationError(
                f"{operation.place}: the parameter {name} is in {where}", "leave the operation out"
            )
        if where == "header" and (name.lower() in _HEADERS_OF_HTTP or sign_in.sets(name)):
            continue
        argument = _argument(parameter, name, where, properties)  # type: ignore[arg-type]
        properties[argument.argument] = inlining.parameter(parameter)
        if parameter.get("required") or where == "path":
            required.append(argument.argument)
        found.append(argument)
    if "requestBody" in operation.spec:
        body = description.whole(operation.spec["requestBody"])
        argument, schema = _body(operation, body, properties)
        properties[argument.argument] = {
            "description": "What is sent.",
            **inlining.schema(schema),
            **_described(body),
        }
        if body.get("required"):
            required.append(argument.argument)
        found.append(argument)
    whole = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return _checked(operation, whole), tuple(found)


def _checked(operation: Operation, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    text = json.dumps(schema, default=str)  # YAML's dates become texts
    if len(text) > _MOST_CHARACTERS:
        raise ConfigurationError(
            f"{operation.place}: its arguments take {len(text):,} characters to describe, the most is"
            f" {_MOST_CHARACTERS:,}",
            "leave the operation out",
        )
    made: dict[str, Any] = json.loads(text)
    try:
        Draft202012Validator.check_schema(made)
    except SchemaError as error:
        raise ConfigurationError(
            f"{operation.place}: {'.'.join(map(str, error.absolute_path))}: {error.message[:200]}", "correct it there"
        ) from error
    return made


def _parameters(description: ApiDescription, operation: Operation) -> list[Mapping[str, Any]]:
    """Return the parameters; those of the operation stand for those of its path with the same name and place."""
    own = operation.spec.get("parameters")
    every = [description.whole(one) for one in (*operation.shared, *(own if isinstance(own, list) else ()))]
    return list({(one.get("in"), one.get("name")): one for one in every}.values())


def _argument(parameter: Mapping[str, Any], name: str, where: Where, taken: Mapping[str, Any]) -> Argument:
    style = str(parameter.get("style") or _STYLES[where])
    explode = bool(parameter.get("explode", style == "form"))
    return Argument(_free(name, where, taken), name, where, style, explode, as_json="content" in parameter)


def _body(
    operation: Operation, body: Mapping[str, Any], taken: Mapping[str, Any]
) -> tuple[Argument, Mapping[str, Any]]:
    content = body.get("content")
    kinds: dict[str, Any] = dict(content) if isinstance(content, Mapping) else {}
    for kind, said in kinds.items():
        bare = kind.partition(";")[0].strip().lower()
        where: Where | None = "json" if bare == "application/json" or bare.endswith("+json") else None
        if bare == _FORM:
            where = "form"
        if where is not None:
            schema = said.get("schema") if isinstance(said, Mapping) else None
            argument = Argument(_free("body", "body", taken), "body", where, media_type=kind)
            return argument, schema if isinstance(schema, Mapping) else {}
    if "*/*" in kinds:
        return Argument(_free("body", "body", taken), "body", "json", media_type="application/json"), {}
    raise ConfigurationError(
        f"{operation.place} takes {', '.join(kinds) or 'a body of no type'}: only JSON and forms can be sent",
        "leave the operation out",
    )


def _free(name: str, where: str, taken: Mapping[str, Any]) -> str:
    """Return a name that models can write and no other argument has."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", name).strip("_")[:60] or where
    if plain not in taken:
        return plain
    plain = f"{plain[:50]}_{where}"
    return next(one for one in (plain, *(f"{plain}_{n}" for n in range(2, 1_000))) if one not in taken)


class _Inlining:
    """Writes schemas anew, as JSON schema has them today and without references."""

    def __init__(self, description: ApiDescription) -> None:
        self._description = description
        self._parts = 0

    def parameter(self, parameter: Mapping[str, Any]) -> dict[str, Any]:
        """Return the schema of a parameter, with its description."""
        schema = parameter.get("schema")
        content = parameter.get("content")
        if isinstance(content, Mapping):
            first = next(iter(content.values()), None)
            schema = first.get("schema") if isinstance(first, Mapping) else None
        said = f"{parameter.get('name')}, of the {parameter.get('in')}."
        return {"description": said, **self.schema(schema), **_described(parameter)}

    def schema(self, schema: Any, above: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the schema; where it holds itself, it says so and takes anything there.

        Args:
            schema: as the description has it.
            above: the references that lead here.
        """
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise ConfigurationError(
                f"{self._description.origin}: a schema has over {_MOST_PARTS:,} parts", "leave the operation out"
            )
        if not isinstance(schema, Mapping):  # true: anything
            return {"not": {}} if schema is False else {}
        if isinstance(reference := schema.get("$ref"), str):
            if reference in above:
                return {"description": f"Another {reference.rpartition('/')[2]}, as above."}
            made = self.schema(self._description.found(reference), (*above, reference))
            return made | self._own({word: said for word, said in schema.items() if word != "$ref"}, above)
        return self._own(schema, above)

    def _own(self, schema: Mapping[str, Any], above: tuple[str, ...]) -> dict[str, Any]:
        made = {word: schema[word] for word in _WORDS & schema.keys()}
        for word in _MAPS:
            if isinstance(schema.get(word), Mapping):
                made[word] = {str(name): self.schema(one, above) for name, one in schema[word].items() if _sent(one)}
        for word in _LISTS:
            if isinstance(schema.get(word), list):
                made[word] = [self.schema(one, above) for one in schema[word]]
        for word in _SINGLE:
            if isinstance(schema.get(word), Mapping | bool):
                one = schema[word]
                made[word] = one if isinstance(one, bool) else self.schema(one, above)
        if isinstance(made.get("required"), list) and isinstance(schema.get("properties"), Mapping):
            unsent = schema["properties"].keys() - made.get("properties", {}).keys()
            made["required"] = [name for name in made["required"] if name not in unsent]
        if self._description.is_old_schema:
            _modernise(made, schema)
        return made


def _described(said: Mapping[str, Any]) -> dict[str, str]:
    return {"description": str(said["description"])} if said.get("description") else {}


def _sent(schema: Any) -> bool:
    """Whether it is of what clients send: `readOnly` is only answered."""
    return not (isinstance(schema, Mapping) and schema.get("readOnly") is True)


def _modernise(made: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """Say in JSON schema's words of today what OpenAPI 3.0 has its own for."""
    for bound, word in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(made.get(word), bool) and made.pop(word) and bound in made:
            made[word] = made.pop(bound)
    if not isinstance(made.get("required", []), list):
        del made["required"]  # of Swagger's parameters; often seen
    if schema.get("nullable") is True:
        if isinstance(made.get("type"), str):
            made["type"] = [made["type"], "null"]
        if isinstance(made.get("enum"), list) and None not in made["enum"]:
            made["enum"] = [*made["enum"], None]
