"""A self-hosted knowledge assistant: documents in, cited answers out; `build(load_settings())` gives all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.app import App, build
    from assistant.settings import Settings, load_settings

__version__ = "0.1.0"
__all__ = ["App", "Settings", "build", "load_settings"]

_HOMES = {"App": "assistant.app", "build": "assistant.app", "Settings": "assistant.settings"}
_HOMES["load_settings"] = "assistant.settings"


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import assistant` stays cheap (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
