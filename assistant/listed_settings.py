"""Types of settings that are lists: in variables they stand with commas between, or as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_settings import NoDecode


def _listed(given: object) -> object:
    """Return the entries of a variable; what a settings file or a program gives is a list already."""
    if not isinstance(given, str):
        return given
    if given.lstrip().startswith("["):
        return json.loads(given)
    return [one.strip() for one in given.split(",") if one.strip()]


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
Paths = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_listed)]
