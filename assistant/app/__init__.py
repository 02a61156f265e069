"""The only place where the parts are wired together."""

from assistant.app.parts import App, build
from assistant.app.rebuilding import Rebuilding
from assistant.app.reindexing import Reindexing

__all__ = ["App", "Rebuilding", "Reindexing", "build"]
