"""The one reader of XML that others wrote: it fetches nothing, resolves nothing and refuses what declares entities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant.errors import DamagedDocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element


def safe_root(content: bytes, named: str, *, doctype: bool = False) -> _Element:
    """Return the root element of an XML text, without comments and processing instructions.

    Neither the network nor other files are looked at; the parser's own bounds on depth and on the growth of attributes
    stay on.

    Args:
        content: the XML, in any encoding that it declares.
        named: what it is, at the begin of error messages (`a.docx: word/document.xml`).
        doctype: whether it may declare a document type, as long as that declares no entities.

    Raises:
        DamagedDocumentError: it is not well-formed, or declares what it must not.
    """
    from lxml import etree

    reader = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, attribute_defaults=False,
        huge_tree=False, recover=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(content, reader)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        cause = (getattr(error, "msg", "") or str(error) or "no XML").splitlines()[0][:200]
        raise DamagedDocumentError(f"{named} is not well-formed XML: {cause}", "open and save it again") from error
    declared: Any = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise DamagedDocumentError(f"{named} declares entities (an entity bomb?): refused", "write them out")
    if declared is not None and not doctype:
        raise DamagedDocumentError(f"{named} declares a document type (an entity bomb?): refused")
    return root
