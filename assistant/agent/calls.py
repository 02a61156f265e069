"""Reads the calls that a model asks for: which tool, with which arguments, and what is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from assistant.errors import ToolError
from assistant.injection import disarmed
from assistant.interfaces import Tool
from assistant.types import ToolCall, ToolSpec

_TEXTS = frozenset({"description", "title", "$comment"})
_LONGEST = 100_000  # characters of arguments


def spec_of(tool: Tool) -> ToolSpec:
    """Return what a model is told of a tool; a server that describes it cannot imitate the prompt with that."""
    return ToolSpec(tool.name, disarmed(tool.description), _described(tool.parameters))


def _described(schema: Any) -> Any:
    """Return a JSON schema without marks of a prompt in its texts; what it takes stays as it is."""
    if isinstance(schema, Mapping):
        return {
            name: disarmed(value) if name in _TEXTS and isinstance(value, str) else _described(value)
            for name, value in schema.items()
        }
    return [_described(value) for value in schema] if isinstance(schema, list | tuple) else schema


def named(tools: Mapping[str, Tool], name: str) -> Tool:
    """Return the tool of that name. Raises ToolError."""
    if name not in tools:
        raise ToolError(f"there is no tool {name[:100]!r} for this user", f"there are: {', '.join(tools) or 'none'}")
    return tools[name]


def check_call(tools: Mapping[str, Tool], name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments as a call can be made with them.

    Args:
        tools: those that the user may use, by name.
        name, arguments: of the call.

    Raises:
        ToolError: there is no such tool for this user, or its schema does not take the arguments.
    """
    return checked(named(tools, name), arguments)


def arguments_of(call: ToolCall) -> dict[str, Any]:
    """Return the arguments that the model wrote. Raises ToolError: they are no JSON object."""
    if len(call.arguments) > _LONGEST:
        raise ToolError(f"the arguments have over {_LONGEST:,} characters", "call it with less")
    try:
        found = json.loads(call.arguments.strip() or "{}", parse_constant=_no_number)
        if not isinstance(found, dict):
            raise ToolError("the arguments are no JSON object", "write one JSON object")
        plain: dict[str, Any] = _printable(found)
    except ValueError as error:
        raise ToolError(f"the arguments are no JSON: {error}", "write one JSON object") from error
    except RecursionError as error:
        raise ToolError("the arguments are nested too deeply", "write a simpler object") from error
    return plain


def printable(text: str) -> str:
    """Return the text without halves of surrogate pairs, which cannot be sent or stored."""
    return text.encode("utf-8", "replace").decode()


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {printable(name): _printable(one) for name, one in value.items()}
    return [_printable(one) for one in value] if isinstance(value, list) else value


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def checked(tool: Tool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments that the tool's schema takes; a null in place of what may be left out is left out.

    Raises:
        ToolError: they do not fit; the message says which one and why. Or the schema itself is broken.
    """
    from jsonschema import exceptions, validators
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    schema = dict(tool.parameters)
    required = schema.get("required", ())
    given = {name: value for name, value in arguments.items() if value is not None or name in required}
    try:
        kind = validators.validator_for(schema)
        kind.check_schema(schema)
        # an empty registry: what a schema refers to is never fetched
        wrong = exceptions.best_match(kind(schema, registry=Registry()).iter_errors(given))
    except (exceptions.SchemaError, Unresolvable) as error:
        raise ToolError(
            f"the schema of {tool.name} cannot be used: {error}", "report it to the tool's author"
        ) from error
    if wrong is not None:
        place = ".".join(str(part) for part in wrong.absolute_path)
        where = f"the argument {place}" if place else "the arguments"
        raise ToolError(f"{where} of {tool.name} do not fit: {wrong.message[:500]}", "correct the call")
    return given
