"""The one reader of XML that others wrote: it fetches nothing and refuses entities that are more than plain words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from assistant.errors import DamagedDocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element


# How the library says that entities grow without measure; what else it says there helps its programmers only.
_BOMB = re.compile(r"entity amplification|entity reference loop|entity nesting", re.IGNORECASE)
_WITHOUT = "remove it; or if you trust it, save it without a document type (DOCTYPE), its entities written out"
# What begins markup, an entity or a declaration's entity: text with any of it could say more than it shows.
_MORE_THAN_WORDS = re.compile(r"[<&]|%[^\s%;]+;")


def safe_root(content: bytes, named: str, *, doctype: bool = False) -> _Element:
    """Return the root element of an XML text, without comments and processing instructions.

    Neither the network nor other files are looked at; the parser's own bounds on depth, on the growth of attributes
    and on the growth by entities (to five times the text's size, or a megabyte) stay on.

    Args:
        content: the XML, in any encoding that it declares.
        named: what it is, at the begin of error messages (`a.docx: word/document.xml`).
        doctype: whether it may declare a document type, with entities that stand for plain words: Illustrator writes
            the names of its namespaces so, and styles.

    Raises:
        DamagedDocumentError: it is not well-formed, or declares what it must not.
    """
    root = _parsed(content, named, entities=False)
    declared: Any = root.getroottree().docinfo.internalDTD
    if declared is None:
        return root
    entities = list(declared.iterentities())
    if entities and (not doctype or not all(_is_plain(entity) for entity in entities)):
        more = " of more than plain words" if doctype else ""
        raise DamagedDocumentError(f"{named} declares entities{more} (an entity bomb?): refused", _WITHOUT)
    if not doctype:
        raise DamagedDocumentError(f"{named} declares a document type (an entity bomb?): refused", _WITHOUT)
    return _parsed(content, named, entities="internal") if entities else root


def _is_plain(entity: Any) -> bool:
    """Whether an entity stands for words of this very file, and for no other entity: then none can multiply another."""
    words: str | None = entity.content
    return words is not None and not entity.system_url and not _MORE_THAN_WORDS.search(words)


def _parsed(content: bytes, named: str, entities: Literal[False, "internal"]) -> _Element:
    """Return the root element, the text of `entities` in their places or (but in attributes) left out."""
    from lxml import etree

    reader = etree.XMLParser(
        resolve_entities=entities,  # type: ignore[arg-type]  # the stubs do not know "internal"
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(content, reader)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        cause = (getattr(error, "msg", "") or str(error) or "no XML").splitlines()[0][:200]
        if _BOMB.search(cause):
            raise DamagedDocumentError(
                f"{named} has entities that multiply (entity amplification, a bomb?): refused", _WITHOUT
            ) from error
        raise DamagedDocumentError(f"{named} is not well-formed XML: {cause}", "open and save it again") from error
