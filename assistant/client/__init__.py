"""A small client of the API for programs: ask, search, read, upload and sync."""

from assistant.client.client import Client, Event

__all__ = ["Client", "Event"]
