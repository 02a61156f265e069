"""The desks that say who reads what and why, and change it: one part of the assistant."""

from __future__ import annotations

from assistant.access.explaining import Explainer
from assistant.access.groups import GroupDesk
from assistant.access.inventory import InventoryDesk
from assistant.access.openings import OpeningDesk
from assistant.access.provisioning import ProvisioningDesk
from assistant.access.seeing import Overlook
from assistant.catalog import Catalog


class Rights:
    """Groups, explanations, overviews, the inventory, break-glass, and what an identity provider provisions.

    Args:
        catalog: the truth on who may read what.
        break_glass: whether admins may open documents without a grant.
    """

    def __init__(self, catalog: Catalog, *, break_glass: bool) -> None:
        self.groups = GroupDesk(catalog)
        self.explainer = Explainer(catalog)
        self.overlook = Overlook(catalog)
        self.inventory = InventoryDesk(catalog)
        self.provisioning = ProvisioningDesk(catalog)
        self.openings = OpeningDesk(catalog, allowed=break_glass)
