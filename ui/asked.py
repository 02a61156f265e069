"""What the search page is asked for: it stands in the address, so that a link holds the search."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import streamlit as st

PAGE_SIZE = 10
LISTS = ("sources", "folders", "types")
SORTS = ("relevance", "date")
_NAMES = {"sources": "source", "folders": "folder", "types": "type"}  # in the address


@dataclass(frozen=True, slots=True)
class Asked:
    """A search for documents.

    Attributes:
        query: the words.
        sources, folders, types: what it is narrowed to, none for all.
        after, before: days as in `2024-01-31`, or empty; changed on the first or later, and before the second.
        sort: `relevance` or `date`.
        page: of the results, from 1.
    """

    query: str = ""
    sources: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    after: str = ""
    before: str = ""
    sort: str = SORTS[0]
    page: int = 1

    @classmethod
    def of_address(cls) -> Asked:
        """Return what the address asks for; what makes no sense there is left out."""
        given = st.query_params
        page, sort = given.get("p", ""), given.get("sort", "")
        return cls(
            query=given.get("q", "").strip(),
            **{field: tuple(dict.fromkeys(given.get_all(name))) for field, name in _NAMES.items()},
            after=_day(given.get("after", "")),
            before=_day(given.get("before", "")),
            sort=sort if sort in SORTS else SORTS[0],
            page=int(page) if page.isdecimal() and 0 < int(page) < 1000 else 1,
        )

    def to_address(self) -> None:
        """Write it into the address."""
        fields: dict[str, Any] = {"q": self.query, "after": self.after, "before": self.before}
        fields |= {name: list(getattr(self, field)) for field, name in _NAMES.items()}
        fields["sort"] = "" if self.sort == SORTS[0] else self.sort
        fields["p"] = "" if self.page == 1 else str(self.page)
        st.query_params.from_dict({name: value for name, value in fields.items() if value})

    @property
    def is_narrowed(self) -> bool:
        """Whether it leaves documents out."""
        return any((self.sources, self.folders, self.types, self.after, self.before))

    @property
    def year(self) -> str:
        """The year that it is narrowed to, where it is just that; else empty."""
        year = self.after[:4]
        return year if year and (self.after, self.before) == days_of(year) else ""

    @property
    def last_day(self) -> str:
        """The last day before `before`, or empty."""
        return str(date.fromisoformat(self.before) - timedelta(days=1)) if self.before else ""

    @property
    def name(self) -> str:
        """A word for what it finds, another one for each search."""
        told = json.dumps(self.body(), sort_keys=True)
        return f"found-{hashlib.sha256(told.encode()).hexdigest()[:12]}"

    def without_filters(self) -> Asked:
        """Return the search of everything."""
        return Asked(self.query, sort=self.sort)

    def narrowed(self, facet: str, values: tuple[str, ...]) -> Asked:
        """Return the search that is narrowed to these values of one of `LISTS`."""
        lists = {name: values if name == facet else getattr(self, name) for name in LISTS}
        return replace(self, sources=lists["sources"], folders=lists["folders"], types=lists["types"], page=1)

    def without(self, facet: str, value: str) -> Asked:
        """Return the search that is not narrowed to `value`; of `dates`, there is one."""
        if facet == "dates":
            return replace(self, after="", before="", page=1)
        return self.narrowed(facet, tuple(one for one in getattr(self, facet) if one != value))

    def body(self) -> dict[str, Any]:
        """Return it as `POST /api/search/documents` takes it."""
        return {
            "query": self.query,
            "sources": list(self.sources) or None,
            "types": list(self.types),
            "paths": list(self.folders),
            "after": self.after,
            "before": self.before,
            "sort": self.sort,
            "limit": PAGE_SIZE,
            "offset": PAGE_SIZE * (self.page - 1),
        }


def days_of(year: str) -> tuple[str, str]:
    """Return the first day of a year and the one after its last."""
    return f"{year}-01-01", f"{int(year) + 1}-01-01"


def day_after(day: date) -> str:
    """Return the day after, as the address holds it."""
    return str(day + timedelta(days=1))


def _day(text: str) -> str:
    try:
        return str(date.fromisoformat(text))
    except ValueError:
        return ""
