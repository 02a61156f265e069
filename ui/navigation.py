"""Links between the pages of the UI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from ui import render
from ui.models import DocumentName

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage


SHARED = "shared"  # the page of what others share, by its name and path


@dataclass(frozen=True, slots=True)
class Way:
    """A link of the sidebar: the page's short name, what it is called, and its icon."""

    page: str
    title: str
    icon: str


@dataclass(frozen=True, slots=True)
class Ways:
    """The links of the sidebar: to what everybody uses, and to what belongs to running the assistant."""

    asking: Sequence[Way]
    managing: Sequence[Way]


def register(pages: dict[str, StreamlitPage]) -> list[StreamlitPage]:
    """Remember the pages of this run by their short names, for links to them; return them in order."""
    st.session_state.pages = pages
    return list(pages.values())


def settle_address(page: str) -> None:
    """Tell the browser the query that a link within this page led to.

    Streamlit runs the script once with it, leaves the address as it was, and goes back to that at the next click.
    """
    here = page, query()
    known = st.session_state.get("address", here)
    st.session_state.address = here
    if known[0] == page and known != here:  # told only then: each telling is a step for the way back
        st.query_params.from_dict(here[1])


def query() -> dict[str, list[str]]:
    """Return the query of the address, with all values of a name: Streamlit's own dictionary has the last of each."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def go(page: str) -> None:
    """Switch to a page at once."""
    st.switch_page(st.session_state.pages[page])


def link(
    page: str, label: str, *, icon: str | None = None, query: Mapping[str, str | int | None] | None = None
) -> None:
    """Show a link to a page, where it is one for this person; `query` entries that are None are left out."""
    if page not in st.session_state.pages:
        return
    st.page_link(
        st.session_state.pages[page],
        label=render.plain(label),
        icon=icon,
        query_params={name: str(value) for name, value in (query or {}).items() if value is not None},
    )


def document_link(
    name: DocumentName,
    label: str,
    *,
    page: int | None = None,
    start: int | None = None,
    end: int | None = None,
    icon: str | None = None,
) -> None:
    """Show a link that opens the document's text, at a page or at some characters."""
    link(
        "documents",
        label,
        icon=icon,
        query={"source": name.source, "key": name.key, "page": page, "start": start, "end": end},
    )
