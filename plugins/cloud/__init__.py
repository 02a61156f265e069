"""What the sources on vendors' clouds share: an API with a token, folders with names, and whose right is whose here."""

from __future__ import annotations

from plugins.cloud.api import CloudApi, Token
from plugins.cloud.marks import digest
from plugins.cloud.readers import CloudReadersConfig, Holder, readers_of
from plugins.cloud.tree import Node, Tree, name_with_id, split_id

__all__ = [
    "CloudApi",
    "Holder",
    "Node",
    "CloudReadersConfig",
    "Token",
    "Tree",
    "digest",
    "name_with_id",
    "readers_of",
    "split_id",
]
