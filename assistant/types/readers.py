"""The admin's rule for a source: which groups may read which of its documents, by globs of keys."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import ConfigurationError
from assistant.types.access import Access, principal, principals
from assistant.types.globs import glob_pattern


def _compiled(glob: str) -> str:
    try:
        glob_pattern(glob)
    except re.error as error:
        raise ValueError(f"{glob!r} is not a glob: {error}") from error
    return glob


Glob = Annotated[str, Field(min_length=1), AfterValidator(_compiled)]


class Rule(BaseModel):
    """Readers of the documents whose key matches `glob`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    glob: Glob
    readers: tuple[str, ...]
    deny: tuple[str, ...] = ()


class ReadersRule(BaseModel):
    """Who may read what: the last rule whose glob matches wins, else `default`.

    Readers are group names; `user:ID` names one person. `deny` takes the same names and wins over `readers`, as does a
    name behind a `-` among the readers: `everyone, -temps`.

    Where the source has readers of its own, they count instead; `names` says what those whom the source calls one thing
    are called here: `{"Human Resources": "hr", "user:ann@corp.example": "user:ann"}`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    default: tuple[str, ...] = ("everyone",)
    rules: tuple[Rule, ...] = ()
    names: dict[str, str] = Field(default_factory=dict)

    def of_source(self, access: Access) -> Access:
        """Return the readers that a source gave, under the names that they have here."""
        if not self.names:
            return access
        known = {principal(theirs): principal(ours) for theirs, ours in self.names.items()}
        allow, deny = ({known.get(one, one) for one in side} for side in (access.allow, access.deny))
        return Access(frozenset(allow), frozenset(deny))

    def access(self, key: str) -> Access:
        """Return who may read the document at `key`."""
        readers: tuple[str, ...] = self.default
        denied: tuple[str, ...] = ()
        for rule in self.rules:
            if glob_pattern(rule.glob).fullmatch(key):
                readers, denied = rule.readers, rule.deny
        access = Access.of_names(readers)
        return Access(access.allow, access.deny | principals(denied))


def parse_readers(value: Mapping[str, Any], origin: str) -> ReadersRule:
    """Validate a rule from JSON.

    Args:
        value: `{"default": [...], "rules": [{"glob", "readers", "deny"?}, ...]}`.
        origin: where it came from, for the error.

    Raises:
        ConfigurationError: names the field that is wrong.
    """
    try:
        return ReadersRule.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the rule"
        raise ConfigurationError(
            f"{origin}: {field}: {first['msg']}",
            'expected {"default": ["everyone"], "rules": [{"glob": "hr/**", "readers": ["hr"]}]}',
        ) from error


def load_readers(path: Path) -> ReadersRule:
    """Read a rule from a JSON file.

    Raises:
        ConfigurationError: the file is missing, not JSON, or not a rule.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"the access rules {path} cannot be read: {error.strerror}", "check the path"
        ) from error
    except ValueError as error:
        raise ConfigurationError(f"the access rules {path} are not JSON: {error}", "correct the file") from error
    if not isinstance(value, dict):
        raise ConfigurationError(f"the access rules {path} are not a JSON object", "see `assistant ingest --help`")
    return parse_readers(value, str(path))
