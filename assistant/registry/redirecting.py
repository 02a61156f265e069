"""Asks for secrets again where a configuration is changed so that they might be sent to another place.

Whoever edits a source or a tool sees masks for its secrets and sends them back to keep them. Were the address beside
them changed in the same edit, a secret that the editor never knew would go to a server of the editor's choice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from assistant.catalog import Secret
from assistant.errors import AssistantError, ConfigurationError

ADDRESS = "address"  # of a field in a JSON schema: true, it says where secrets go; false, it does not
_WORDS = re.compile(
    r"(?:^|_)(?:url|uri|host|hostname|server|endpoint|address|base|api|login|domain|port|proxy|gateway|start|feed"
    r"|security|tls|ssl|verify|insecure|region|tenant|edition|command|program|description|reader|path|argument|load)"
    r"s?\d?(?:_|$)"
)
_PLACE = re.compile(
    r"//|^[\w.-]+:\d{2,5}(?:/|$)|^\[?[0-9a-fA-F:]*:[0-9a-fA-F.:]+\]?$|^\d{1,3}(?:\.\d{1,3}){3}(?:$|[:/])"
)


def refuse_redirected(
    old: Mapping[str, Any],
    kept: Mapping[str, Any],
    complete: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    schema: Mapping[str, Any],
    what: str,
) -> None:
    """Refuse a configuration that keeps stored secrets and says otherwise where they go.

    A field says where, if its JSON schema has `"address": true`; where the schema says nothing, if it is called like
    one (`url`, `host`, `server`, …), or if its value is or was an address.

    Args:
        old: the configuration as it is stored, with `Secret`s.
        kept: the one that is to take its place, as `keep_masked` returned it.
        complete: checks a configuration and fills in what it leaves out.
        schema: the JSON schema of both.
        what: whose they are, for the error.

    Raises:
        ConfigurationError: the message names the fields and the secrets, and holds no value. Or as `complete`.
    """
    secrets = [path for path, value in _leaves(kept) if isinstance(value, Secret) and value.stored is not None]
    if not secrets:
        return
    before, after = dict(_leaves(_completed(old, complete))), dict(_leaves(complete(kept)))
    changed = sorted(path for path in before.keys() | after.keys() if _differ(before.get(path), after.get(path)))
    moved = [path for path in changed if _is_address(path, (before.get(path), after.get(path)), schema)]
    if moved:
        raise ConfigurationError(
            f"{what}: {', '.join(moved)} says where {', '.join(secrets)} is sent, and was changed:"
            " a stored secret is not sent to another place",
            f"give {', '.join(secrets)} again, not as its mask",
        )


def _completed(old: Mapping[str, Any], complete: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the stored configuration with its defaults; as it is, where its kind does not take it any more."""
    try:
        return complete(old)
    except AssistantError:
        return old


def _differ(one: Any, other: Any) -> bool:
    return not isinstance(one, Secret) and not isinstance(other, Secret) and bool(one != other)


def _is_address(path: str, values: Sequence[Any], schema: Mapping[str, Any]) -> bool:
    names = path.split(".")
    declared = schema.get("properties", {}).get(names[0], {})
    if isinstance(declared, Mapping) and isinstance(declared.get(ADDRESS), bool):
        return bool(declared[ADDRESS])
    if any(_WORDS.search(name.lower()) for name in names):
        return True
    return any(isinstance(value, str) and _PLACE.search(value) for value in values)


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield path and value of everything that is neither a mapping nor a list; what is empty is nothing."""
    match value:
        case Mapping():
            for key, item in value.items():
                yield from _leaves(item, f"{path}.{key}" if path else str(key))
        case list() | tuple():
            for at, item in enumerate(value):
                yield from _leaves(item, f"{path}.{at}")
        case None | "":
            return
        case _:
            yield path, value
