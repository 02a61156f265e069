"""Turns documents that a search found into HTML; all that is theirs is escaped."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from html import escape

from ui import formats, render, search_texts, texts
from ui.search_models import FoundDocument, FoundPlace

_HEADING = re.compile(r"^#{1,6}[ \t]+", re.MULTILINE)


def card(document: FoundDocument, targets: Sequence[str], image: bytes | None, *, waits: bool = False) -> str:
    """Return a document with its best places.

    Args:
        document: what was found.
        targets: of its places, as the panel knows them.
        image: its thumbnail as a PNG, None where there is none.
        waits: the thumbnail is still to come.
    """
    name = document.name
    title = (
        render.element(
            "button",
            escape(name.title),
            "as-found-title",
            type="button",
            data_cite=targets[0],
            aria_label=f"{search_texts.OPEN_PLACE}: {name.title}",
        )
        if targets
        else render.element("span", escape(name.title), "as-found-title")
    )
    places = "".join(
        render.element("li", _place(place, target)) for place, target in zip(document.places, targets, strict=True)
    )
    body = (
        render.element("h3", title, "as-found-head")
        + render.element("div", _facts(document), "as-about")
        + render.element("ol", places, "as-found-places", aria_label=search_texts.PLACES)
    )
    return render.element(
        "div", _thumbnail(document, image, waits=waits) + render.element("div", body, "as-found-body"), "as-found"
    )


def skeleton() -> str:
    """Return what stands where results will be."""
    row = render.element("div", "", "as-skeleton as-skeleton-row")
    return render.element(
        "div", render.element("span", escape(search_texts.SEARCHING), "as-hidden") + row * 3, role="status"
    )


def tips() -> str:
    """Return what the page says before anything is searched for."""
    listed = "".join(render.element("li", escape(tip)) for tip in search_texts.TIPS)
    return render.element(
        "div",
        render.element("h2", escape(search_texts.TIPS_TITLE))
        + render.element("p", escape(search_texts.TIPS_BODY))
        + render.element("ul", listed),
        "as-tips",
    )


def day(date: str) -> str:
    """Return a day as people here write it; what is no date (ISO 8601) stays as it is, and so does nothing."""
    try:
        moment = datetime.fromisoformat(date[:10])
    except ValueError:
        return date
    return formats.day(moment.timestamp())


def _facts(document: FoundDocument) -> str:
    name = document.name
    facts = [
        render.element("span", escape(document.type or "?"), "as-badge"),
        render.element("span", escape(f"{name.source} / {name.key}"), "as-path"),
    ]
    if document.modified:
        facts.append(render.element("span", escape(search_texts.changed(day(document.modified)))))
    if document.pages:
        facts.append(render.element("span", escape(texts.page_count(document.pages))))
    if document.authors:
        facts.append(render.element("span", escape(", ".join(document.authors[:3]))))
    return "".join(facts)


def _place(place: FoundPlace, target: str) -> str:
    where = [texts.page(place.page)] if place.page is not None else []
    where += place.heading[-1:]
    head = render.element("span", escape(" \u00b7 ".join(where)), "as-place") if where else ""
    words = render.element("span", marked(place), "as-found-text")
    return render.element("button", head + words, "as-found-place", type="button", data_cite=target)


def marked(place: FoundPlace) -> str:
    """Return a place's text with the query's words marked."""
    parts, at = [], 0
    for start, end in place.marks:
        parts.append(_plain(place.text[at:start]))
        parts.append(render.element("mark", escape(place.text[start:end], quote=False)))
        at = end
    return "".join([*parts, _plain(place.text[at:])])


def _plain(text: str) -> str:
    """Return the text without the marks of Markdown's headings, which say nothing on one line."""
    return escape(_HEADING.sub("", text), quote=False)


def _thumbnail(document: FoundDocument, image: bytes | None, *, waits: bool) -> str:
    if image is not None:
        data = f"data:image/png;base64,{b64encode(image).decode('ascii')}"
        return render.element("div", f'<img src="{data}" alt="">', "as-thumb")
    if waits:
        return render.element("div", render.element("div", "", "as-skeleton"), "as-thumb", aria_hidden="true")
    return render.element("div", escape(document.type or "?"), "as-thumb as-thumb-none", aria_hidden="true")
