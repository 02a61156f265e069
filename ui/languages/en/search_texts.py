"""The English texts of the page on which documents are searched for."""

from __future__ import annotations

SEARCH = "Search"
QUERY = "Search your documents"
QUERY_PLACEHOLDER = "Words, a name, a number, or a question"
SEARCHING = "Searching"
FACETS = {"sources": "Source", "folders": "Folder", "types": "Type", "dates": "Date"}
YEAR, SINCE, UNTIL = "Changed in", "Changed since", "Changed until"
NOTHING_TO_CHOOSE = "Nothing to choose from here."
REMOVE_FILTER = "Remove this filter"
CLEAR = "Clear all filters"
SORT = "Order"
SORTS = {"relevance": "Best first", "date": "Newest first"}
PLACES = "Places in it"
TIPS_TITLE = "Find a document"
TIPS_BODY = "Every document that you may read is searched by its words and by its meaning."
TIPS = (
    "A few words that stand in the document are enough; a question works, too.",
    "Put words in quotes to find them in this order: \u201cnotice period\u201d.",
    "Numbers, codes and file names are found as they are written: SF-182.",
    "Narrow what was found by source, folder, type and date, and send the link to somebody: it holds the search.",
)
NONE_FOUND = "No document was found"
NONE_FOUND_HINT = "Try fewer or other words, or check how they are spelt."
NONE_FOUND_NARROWED = "The search is narrowed. Take away what may be too narrow:"
PICTURE = "Find by a picture"
PICTURE_BODY = "Drop a photo or a screenshot: pictures in your documents that look like it are found."
PICTURE_FILE = "Picture to look for"
LIKE_PICTURE = "Pictures that look like it"
NO_PICTURE_FOUND = "No picture in your documents looks like it"
OTHER_SEARCH = "Search by words again"
PAST_THE_END = "There is no such page of results"
FIRST_PAGE = "Back to the first page"
OPEN_PLACE = "Open this place"


def found(total: int, *, more: bool) -> str:
    """Return how many documents were found, e.g. `12 documents`; `more`: the best were looked at alone."""
    if more:
        return f"The {total:,} best documents" if total > 1 else "The best document"
    return f"{total:,} document" if total == 1 else f"{total:,} documents"


def chip(facet: str, value: str) -> str:
    """Return what a filter is set to, e.g. `Type: pdf`."""
    return f"{FACETS[facet]}: {value}"


def chosen(facet: str, count: int) -> str:
    """Return the label of a filter with so many values chosen."""
    return f"{FACETS[facet]} ({count})" if count else FACETS[facet]


def option(name: str, count: int) -> str:
    """Return a value with how many documents would be left."""
    return f"{name} ({count:,})"


def period(after: str, before: str) -> str:
    """Return a stretch of days in words; both are days, or empty."""
    if after and before:
        return f"{after} to {before}"
    return f"since {after}" if after else f"until {before}"


def changed(day: str) -> str:
    """Return when a document was changed."""
    return f"changed {day}"
