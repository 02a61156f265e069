"""What the sources of vendors' REST APIs share: requests, paging, cursors, readers and the pages of a thread."""

from __future__ import annotations

from plugins.vendors.api import Refused, VendorApi
from plugins.vendors.config import ChangesConfig, ReadersConfig, VendorConfig, by_name, web_address
from plugins.vendors.kept import Kept
from plugins.vendors.listing import Item, Page, earlier, listing, reading, understood
from plugins.vendors.readers import NOBODY, Person, Readers, Rights, common, digest
from plugins.vendors.thread import Comment, thread_html, thread_markdown

__all__ = [
    "NOBODY",
    "ChangesConfig",
    "Comment",
    "Item",
    "Kept",
    "Page",
    "Person",
    "Readers",
    "ReadersConfig",
    "Refused",
    "Rights",
    "VendorApi",
    "VendorConfig",
    "by_name",
    "common",
    "digest",
    "earlier",
    "listing",
    "reading",
    "thread_html",
    "thread_markdown",
    "understood",
    "web_address",
]
