"""Puts together who hands out and erases what is held on a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.app.parts import App
    from assistant.personal import PersonalDesk


def personal_desk(app: App, *, at_once: bool = False) -> PersonalDesk:
    """Return the desk over the app's parts.

    Args:
        app: the parts.
        at_once: whether this process removes uploads from the index by itself, as the command line does; else workers
            are left to it.
    """
    from assistant.personal import PersonalDesk

    def remove(source: str) -> None:
        if at_once:
            app.ingestor.remove(source)
        else:
            app.ingestor.removals.ask(source)

    return PersonalDesk(app.catalog, app.blobs, app.uploads, remove, app.catalog.audit)
