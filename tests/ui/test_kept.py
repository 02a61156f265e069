"""Forms of all built-in kinds: what is loaded and saved is what it was, and what was emptied is empty."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import pytest

from assistant.catalog import keep_masked, masked, revealed
from assistant.errors import ConfigurationError
from assistant.registry import load_registry
from ui.models import Json
from ui.schemas import Field, FieldError, config_of, drawn, fields_of, refused_field

_EMPTY: tuple[Any, ...] = (None, "", [], {})
_VENDOR = {
    "users": {"712020:ab-cd": "user:ann", "ann@example.org": "user:ann"},
    "groups": {"acme/docs": "group:writers"},
    "public": "",
}
_LINKS = {"links": {"domain:example.org": "group:staff"}}
_EXAMPLES: dict[str, dict[str, Any]] = {
    "database": {"url": "postgresql+pg8000://reader@db/shop", "tables": ["orders"], "password": "pw"},
    "http_api": {"description": "https://example.org/api.json", "operations": ["*"], "headers": {"X-Key": "a:b"}},
    "langchain": {"path": "shop.tools.make", "arguments": {"a": [1]}, "secrets": {"key": "s"}},
    "mail_draft": {"folder": "/srv/drafts"},
    "mcp": {"url": "https://tools.example.org/mcp", "token": "t"},
    "mcp_command": {"command": ["python", "-c", "import shop\n\nshop.serve()\n"], "environment": {"KEY": "s"}},
    "ticket": {"url": "https://tickets.example.org", "fields": {"queue": "it"}},
    "confluence": {"token": "t", "url": "https://acme.atlassian.net", "username": "ann@example.org", **_VENDOR},
    "feed": {"feeds": ["https://example.org/feed"]},
    "folder": {"path": "/srv/docs"},
    "git": {"url": "https://git.example.org/docs.git", "password": "pw"},
    "github": {"token": "t", "repositories": ["acme/docs"], "kinds": ["issues"], **_VENDOR},
    "gitlab": {"token": "t", "projects": ["acme/docs"], "kinds": ["wiki"], **_VENDOR},
    "google_drive": {"credentials": '{"type": "service_account"}', "subject": "ann@example.org", **_VENDOR, **_LINKS},
    "imap": {"host": "imap.example.org", "username": "ann", "password": "pw", "since": "2026-01-02"},
    "jira": {
        "token": "t", "url": "https://acme.atlassian.net", "username": "ann@example.org",
        "levels": {"hr": ["group:hr"]}, **_VENDOR,
    },
    "llamaindex": {"reader": "llama_index.readers.json.JSONReader", "arguments": {"a": 1}, "secrets": {"key": "s"}},
    "s3": {"bucket": "company", "access_key": "reader", "secret_key": "s"},
    "sharepoint": {
        "tenant": "acme", "client_id": "c", "client_secret": "s", "site": "https://acme.sharepoint.com/sites/hr",
        **_VENDOR, **_LINKS,
    },
    "slack": {"token": "t", **_VENDOR, **_LINKS},
    "sql": {"url": "sqlite:///wiki.db", "query": "SELECT id\n  FROM pages\n", "content": "id"},
    "web": {"start": ["https://example.org/"], "headers": {"Authorization": "Bearer t"}},
    "webdav": {"url": "https://cloud.example.org/dav", "username": "ann", "password": "pw"},
}  # fmt: skip


@cache
def _kinds() -> dict[str, tuple[Json, Callable[[Json], Json]]]:
    """Return by name the schema of each kind, and what checks a configuration of it."""
    registry = load_registry()
    tools = {name: (kind.schema(), partial(kind.validate, what=name)) for name, kind in registry.tool_kinds.items()}
    return {**tools, **{name: (kind.schema(), kind.validate) for name, kind in registry.sources.items()}}


def _start(kind: str) -> tuple[tuple[Field, ...], dict[str, Any], dict[str, Any]]:
    """Return the fields of a kind, a configuration as it is stored, and what its form holds at first."""
    schema, validate = _kinds()[kind]
    fields, stored = fields_of(schema), dict(validate(_EXAMPLES[kind]))
    shown = masked(stored)
    return fields, stored, {field.name: drawn(field, shown.get(field.name, field.default)) for field in fields}


def _saved(kind: str, fields: tuple[Field, ...], stored: Json, filled: Json) -> Json:
    _, validate = _kinds()[kind]
    return validate(keep_masked(stored, config_of(fields, filled, masked(stored))))


def test_there_is_an_example_of_every_kind() -> None:
    assert set(_EXAMPLES) == set(_kinds()) - {"uploads"}


@pytest.mark.parametrize("kind", _EXAMPLES)
def test_what_is_loaded_and_saved_is_what_it_was(kind: str) -> None:
    fields, stored, filled = _start(kind)
    assert revealed(_saved(kind, fields, stored, filled)) == revealed(stored)


@pytest.mark.parametrize("kind", _EXAMPLES)
def test_what_is_emptied_is_never_what_it_is_by_default(kind: str) -> None:
    fields, stored, filled = _start(kind)
    for field in fields:
        if field.required or field.shape in {"switch", "secret"} or field.default in _EMPTY:
            continue
        held = stored | {field.name: field.default}
        emptied = filled | {field.name: "" if field.empty is not None else None}
        refused = ""
        try:
            saved = _saved(kind, fields, held, emptied)
        except FieldError as error:
            refused = error.field
        except ConfigurationError as error:
            refused = refused_field(error.message, fields)
        assert refused == field.name or saved[field.name] in _EMPTY
