"""The desks that say who reads what, and change it: one part of the assistant."""

from __future__ import annotations

from assistant.access.groups import GroupDesk
from assistant.catalog import Catalog


class Rights:
    """Groups.

    Args:
        catalog: the truth on who may read what.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.groups = GroupDesk(catalog)
