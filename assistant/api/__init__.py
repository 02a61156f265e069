"""The HTTP API: ask, search, documents, sources, runs, health."""

from assistant.api.application import create_api

__all__ = ["create_api"]
