"""The English texts about a quoted place: its panel, its card, and how citations are marked."""

from __future__ import annotations

from collections.abc import Sequence

PANEL = "Source"
CLOSE = "Close"
FORMER_PLACE, NEXT_PLACE = "Former source", "Next source"
FORMER_PAGE, NEXT_PAGE = "Former page", "Next page"
SMALLER, LARGER = "Make the page smaller", "Make the page larger"
KEY_LEAF, KEY_CLOSE = "Next or former source", "Close the source"
LOADING = "Opening the document"
DRAWING = "Drawing the page"
MARKED_PAGE = "The page, with the quote marked"
OTHER_PAGE = "A page without the quote"
TO_THE_QUOTE = "Back to the quote"
DOWNLOAD = "Download the original"
ASK_ABOUT = "Ask about this document"
QUOTE = "The quote in its text"
PLACE = "The place in its text"
GONE = "This document is gone, or not open to you any more"
GONE_HINT = "Load the chat again to see what still stands of the answer."
GONE_SHORT = "gone, or not open to you any more"
NOT_VERIFIED = "not verified"
SAYS_OTHERWISE = "says otherwise"
LOOKED_AT = "a picture"
LEGEND = "! marks a source that could not be checked, or that says otherwise: read it before you rely on it."


def counted(at: int, total: int) -> str:
    """Return where one is among the places, e.g. `2 of 5`."""
    return f"{at} of {total}"


def quoted_on(pages: Sequence[int]) -> str:
    """Say on which pages a quote stands that does not stand on one."""
    return f"The quote stands on the pages {', '.join(map(str, pages[:-1]))} and {pages[-1]}."


def source_named(number: int, title: str, remark: str) -> str:
    """Return the name of a citation's number for those who do not see it."""
    return f"Source {number}: {title}, {remark}" if remark else f"Source {number}: {title}"
