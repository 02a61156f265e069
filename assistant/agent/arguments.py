"""Takes the arguments of a tool's call as its schema has them, and says what is wrong with them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from assistant.errors import AssistantError, ToolError

_LONGEST = 2000  # characters


def refuse_unknown(arguments: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
    """Raise ToolError for an argument that the schema does not have."""
    known = parameters["properties"]
    if unknown := sorted(set(arguments) - set(known)):
        raise ToolError(f"there is no argument {unknown[0]!r}", f"there are: {', '.join(known)}")


def text_of(arguments: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """Return a text.

    Args:
        arguments: of the call.
        name: the argument's.
        default: where it is not given; None: it has to be, and not be blank.

    Raises:
        ToolError: it is missing, or no text of up to 2,000 characters.
    """
    found = arguments.get(name)
    if found is None and default is not None:
        return default
    if not isinstance(found, str) or len(found) > _LONGEST or (default is None and not found.strip()):
        raise ToolError(f"{name} is no text of 1 to {_LONGEST:,} characters", "correct that argument")
    return found


def number_of(arguments: Mapping[str, Any], name: str, default: int, least: int, most: int | None = None) -> int:
    """Return a whole number.

    Args:
        arguments: of the call.
        name: the argument's.
        default: where it is not given.
        least, most: the range, both inclusive.

    Raises:
        ToolError: it is none, or out of the range.
    """
    found = arguments.get(name, default)
    if found is None:
        return default
    if not isinstance(found, int) or isinstance(found, bool) or found < least or (most is not None and found > most):
        above = f" to {most:,}" if most is not None else " or more"
        raise ToolError(f"{name} is no whole number of {least:,}{above}", "correct that argument")
    return found


@contextlib.contextmanager
def told_to_the_model() -> Iterator[None]:
    """Raise the house's errors as ToolError, so that the model reads them."""
    try:
        yield
    except ToolError:
        raise
    except AssistantError as error:
        raise ToolError(error.message, error.hint) from error
