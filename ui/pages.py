"""The pages of the UI, and whom they are offered to; what they show is for the API to refuse."""

from __future__ import annotations

from collections.abc import Callable, Collection
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
    quality_texts,
    run_texts,
    search_texts,
    settings_texts,
    talk_texts,
    texts,
    upload_texts,
    usage_texts,
    warning_texts,
)
from ui.models import Status
from ui.navigation import Way, Ways
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
    quality,
    runs,
    search,
    settings,
    shared,
    sources,
    tools,
    uploads,
    usage,
    warnings,
)

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage


@dataclass(frozen=True, slots=True)
class PageSpec:
    """A page: its short name (and path), what draws it, what it is called, its icon, and whom it is for.

    `manages` says that it belongs to running the assistant, and not to asking it.
    """

    name: str
    draw: Callable[[], None]
    title: Callable[[], str]
    icon: str
    is_for: Callable[[Status], bool] = lambda _: True
    is_first: bool = False
    manages: bool = False


def _cares(status: Status) -> bool:
    return status.curates


def _manages(status: Status) -> bool:
    return status.manages


def _signs_in(status: Status) -> bool:
    return status.has_accounts


PAGES = (
    PageSpec("chat", chat.page, lambda: texts.CHAT, "chat", is_first=True),
    PageSpec("search", search.page, lambda: search_texts.SEARCH, "search"),
    PageSpec("documents", documents.page, lambda: texts.DOCUMENTS, "description"),
    PageSpec("uploads", uploads.page, lambda: upload_texts.MY_FILES, "upload_file"),
    PageSpec(navigation.SHARED, shared.page, lambda: talk_texts.SHARED, "forum", _signs_in),
    PageSpec("account", account.page, lambda: people_texts.ACCOUNT, "account_circle", _signs_in),
    PageSpec("sources", sources.page, lambda: texts.SOURCES, "folder", _cares, manages=True),
    PageSpec("runs", runs.page, lambda: run_texts.RUNS, "history", _cares, manages=True),
    PageSpec("access", access.page, lambda: access_texts.ACCESS, "key", _cares, manages=True),
    PageSpec("warnings", warnings.page, lambda: warning_texts.WARNINGS, "gpp_maybe", _cares, manages=True),
    PageSpec(
        "people",
        people.page,
        lambda: people_texts.PEOPLE,
        "group",
        lambda status: _manages(status) and _signs_in(status),
        manages=True,
    ),
    PageSpec("quality", quality.page, lambda: quality_texts.QUALITY, "thumbs_up_down", _manages, manages=True),
    PageSpec("usage", usage.page, lambda: usage_texts.USAGE, "monitoring", lambda one: one.audits, manages=True),
    PageSpec("audit", audit.page, lambda: audit_texts.AUDIT, "policy", lambda one: one.audits, manages=True),
    PageSpec("tools", tools.page, lambda: texts.TOOLS, "build", _manages, manages=True),
    PageSpec("plugins", plugins.page, lambda: plugin_texts.PLUGINS, "extension", _manages, manages=True),
    PageSpec("models", models.page, lambda: models_texts.MODELS, "smart_toy", _manages, manages=True),
    PageSpec("index", index.page, lambda: index_texts.INDEX, "database", _manages, manages=True),
    PageSpec("settings", settings.page, lambda: settings_texts.SETTINGS, "tune", _manages, manages=True),
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


def ways(pages: Collection[str]) -> Ways:
    """Return the links of the sidebar to those of the pages that are shown, by name."""
    links = [(spec, Way(spec.name, spec.title(), f":material/{spec.icon}:")) for spec in PAGES if spec.name in pages]
    return Ways([way for spec, way in links if not spec.manages], [way for spec, way in links if spec.manages])
