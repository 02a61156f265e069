"""The form in which requests and answers cross between a plugin's process and its owner.

A frame is two lengths, JSON, and bytes beside it. Nothing in it can make its reader run code: whoever has taken a
plugin's process over can at worst send wrong values, and what they must be is checked again by who reads them.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

from assistant import errors
from assistant.catalog import Secret
from assistant.errors import AssistantError, PluginError
from assistant.types import Access, Change, Changed, Checkpoint, Deleted, Manifest, Permissions, RawDocument

HEADER = struct.Struct(">QQ")
MOST_JSON = 32_000_000
_OWN_ARGUMENTS = ("message", "hint")


def frame(message: Mapping[str, Any], blob: bytes = b"") -> bytes:
    """Return a message as bytes.

    Raises:
        TypeError, ValueError: it holds what JSON cannot say.
    """
    text = json.dumps(message).encode("ascii")
    return HEADER.pack(len(text), len(blob)) + text + blob


def split(content: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the message and the bytes of a whole frame.

    Raises:
        ValueError: it is none.
    """
    length, blob = HEADER.unpack_from(content)
    message = json.loads(content[HEADER.size : HEADER.size + length])
    if not isinstance(message, dict):
        raise ValueError("a message that is no object")  # noqa: TRY004 (the value is wrong, whoever called)
    return message, content[HEADER.size + length : HEADER.size + length + blob]


def complete(incoming: bytearray, most_blob: int) -> bytes | None:
    """Return the frame once all of it is there, None before.

    Raises:
        ValueError: it announces more than a message may have.
    """
    if len(incoming) < HEADER.size:
        return None
    length, blob = HEADER.unpack_from(incoming)
    if length > MOST_JSON or blob > most_blob:
        raise ValueError("an answer longer than it may be")
    end = HEADER.size + length + blob
    return bytes(memoryview(incoming)[:end]) if len(incoming) >= end else None


def pack_error(error: AssistantError) -> dict[str, Any]:
    """Return an error as a message."""
    return {"error": type(error).__name__, "message": error.message, "hint": error.hint}


def unpack_error(message: Mapping[str, Any]) -> AssistantError:
    """Return the error of a message; one that this process does not know becomes a PluginError."""
    kind = getattr(errors, str(message.get("error")), None)
    if not isinstance(kind, type) or not issubclass(kind, AssistantError):
        kind = PluginError
    return kind(*(str(message.get(name, "")) for name in _OWN_ARGUMENTS))


def pack_values(value: Any) -> dict[str, Any]:
    """Return JSON values with `Secret`s among them so that these can be told from the others."""
    match value:
        case Secret():
            return {"secret": value.reveal()}
        case Mapping():
            return {"object": {key: pack_values(item) for key, item in value.items()}}
        case list():
            return {"list": [pack_values(item) for item in value]}
    return {"plain": value}


def unpack_values(packed: Any) -> Any:
    """Return what `pack_values` packed. Raises ValueError for anything else."""
    match packed:
        case {"secret": value}:
            return Secret.of(value)
        case {"object": dict() as items}:
            return {key: unpack_values(item) for key, item in items.items()}
        case {"list": list() as items}:
            return [unpack_values(item) for item in items]
        case {"plain": None | bool() | int() | float() | str() as value}:
            return value
    raise ValueError("a configuration that is none")


def pack_change(change: Any) -> list[Any]:
    """Return one thing that a source listed.

    Raises:
        PluginError: it is none of those that there are, or a field of it has another type.
    """
    match change:
        case Changed(key=str() as key, version=(None | str()) as version, access=(None | Access()) as access) if key:
            readers = None if access is None else [sorted(access.allow), sorted(access.deny)]
            return ["changed", key, version, readers]
        case Deleted(key=str() as key) if key:
            return ["deleted", key]
        case Checkpoint(cursor=str() as cursor, complete=bool() as whole):
            return ["checkpoint", cursor, whole]
    raise PluginError(
        f"it listed {str(change)[:100]!r} ({type(change).__name__}), which is no Changed, Deleted or Checkpoint",
        "report it to the plugin's author",
    )


def unpack_change(packed: Any) -> Change:
    """Return what `pack_change` packed. Raises ValueError for anything else."""
    match packed:
        case ["changed", str() as key, (None | str()) as version, readers] if key:
            return Changed(key, version, _access(readers))
        case ["deleted", str() as key] if key:
            return Deleted(key)
        case ["checkpoint", str() as cursor, bool() as whole]:
            return Checkpoint(cursor, whole)
    raise ValueError("a change that is none")


def pack_raw(raw: Any, key: str) -> tuple[dict[str, Any], bytes]:
    """Return a fetched document as a message and its bytes.

    Raises:
        PluginError: it is no RawDocument, is another one than was asked for, or a field has another type.
    """
    if not isinstance(raw, RawDocument):
        raise PluginError(f"fetch returned a {type(raw).__name__} and no RawDocument for {key}")
    texts = (raw.key, raw.media_type, raw.title, raw.uri)
    if not all(isinstance(text, str) for text in texts) or not isinstance(raw.data, bytes):
        raise PluginError(f"fetch returned a document with fields of other types for {key}")
    if raw.key != key:
        raise PluginError(f"fetch returned {raw.key!r} where {key!r} was asked for")
    access = None
    if raw.access is not None:
        if not isinstance(raw.access, Access):
            raise PluginError(f"fetch returned readers of {key} that are no Access")
        access = [sorted(raw.access.allow), sorted(raw.access.deny)]
    return {"raw": [*texts, access]}, raw.data


def unpack_raw(message: Mapping[str, Any], data: bytes, key: str) -> RawDocument:
    """Return what `pack_raw` packed. Raises ValueError for anything else."""
    match message.get("raw"):
        case [str() as found, str() as media_type, str() as title, str() as uri, access] if found == key:
            return RawDocument(key, data, media_type, title, uri, _access(access))
    raise ValueError("a document that is none")


def _access(packed: Any) -> Access | None:
    match packed:
        case None:
            return None
        case [list() as allow, list() as deny] if all(isinstance(name, str) for name in (*allow, *deny)):
            return Access(frozenset(allow), frozenset(deny))
    raise ValueError("readers that are none")


def pack_manifest(manifest: Manifest) -> dict[str, Any]:
    """Return a manifest as JSON values."""
    wanted = manifest.permissions
    return {
        "name": manifest.name,
        "version": manifest.version,
        "api_version": manifest.api_version,
        "description": manifest.description,
        "declared": manifest.declared,
        "experimental": manifest.experimental,
        "permissions": {
            "hosts": list(wanted.hosts),
            "paths": list(wanted.paths),
            "secrets": list(wanted.secrets),
            "writes": wanted.writes,
        },
    }


def unpack_manifest(packed: Mapping[str, Any]) -> Manifest:
    """Return what `pack_manifest` packed. Raises ValueError for anything else."""
    try:
        wanted = packed["permissions"]
        lists = {name: tuple(str(item) for item in wanted[name]) for name in ("hosts", "paths", "secrets")}
        return Manifest(
            str(packed["name"]),
            str(packed["version"]),
            int(packed["api_version"]),
            str(packed["description"]),
            Permissions(**lists, writes=bool(wanted["writes"])),
            declared=bool(packed["declared"]),
            experimental=bool(packed.get("experimental", False)),  # enabled before there was such a field
        )
    except (KeyError, TypeError) as error:
        raise ValueError("a manifest that is none") from error
