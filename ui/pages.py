"""The pages of the UI, and whom they are offered to; what they show is for the API to refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from ui import (
    access_texts,
    audit_texts,
    index_texts,
    models_texts,
    navigation,
    people_texts,
    plugin_texts,
    run_texts,
    search_texts,
    talk_texts,
    texts,
    upload_texts,
)
from ui.models import Status
from ui.views import (
    access,
    account,
    audit,
    chat,
    documents,
    index,
    models,
    people,
    plugins,
    runs,
    search,
    shared,
    sources,
    tools,
    uploads,
)

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage


@dataclass(frozen=True, slots=True)
class PageSpec:
    """A page: its short name (and path), what draws it, what it is called, its icon, and whom it is for."""

    name: str
    draw: Callable[[], None]
    title: Callable[[], str]
    icon: str
    is_for: Callable[[Status], bool] = lambda _: True
    is_first: bool = False


PAGES = (
    PageSpec("chat", chat.page, lambda: texts.CHAT, "chat", is_first=True),
    PageSpec("search", search.page, lambda: search_texts.SEARCH, "search"),
    PageSpec("documents", documents.page, lambda: texts.DOCUMENTS, "description"),
    PageSpec(navigation.SHARED, shared.page, lambda: talk_texts.SHARED, "forum", lambda status: status.has_accounts),
    PageSpec("uploads", uploads.page, lambda: upload_texts.MY_FILES, "upload_file"),
    PageSpec("sources", sources.page, lambda: texts.SOURCES, "folder", lambda status: status.curates),
    PageSpec("runs", runs.page, lambda: run_texts.RUNS, "history", lambda status: status.curates),
    PageSpec("access", access.page, lambda: access_texts.ACCESS, "key", lambda status: status.curates),
    PageSpec("tools", tools.page, lambda: texts.TOOLS, "build", lambda status: status.manages),
    PageSpec("plugins", plugins.page, lambda: plugin_texts.PLUGINS, "extension", lambda status: status.manages),
    PageSpec("models", models.page, lambda: models_texts.MODELS, "smart_toy", lambda status: status.manages),
    PageSpec("index", index.page, lambda: index_texts.INDEX, "database", lambda status: status.manages),
    PageSpec(
        "people",
        people.page,
        lambda: people_texts.PEOPLE,
        "group",
        lambda status: status.manages and status.has_accounts,
    ),
    PageSpec("audit", audit.page, lambda: audit_texts.AUDIT, "policy", lambda status: status.audits),
    PageSpec(
        "account", account.page, lambda: people_texts.ACCOUNT, "account_circle", lambda status: status.has_accounts
    ),
)


def shown(status: Status | None) -> dict[str, StreamlitPage]:
    """Return the pages for whoever is signed in, by name; all for None, so that no address is unknown."""
    return {
        spec.name: st.Page(
            spec.draw,
            title=spec.title(),
            icon=f":material/{spec.icon}:",
            default=spec.is_first,
            url_path=None if spec.is_first else spec.name,
        )
        for spec in PAGES
        if status is None or spec.is_for(status)
    }
