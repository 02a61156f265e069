"""Shows calls of tools as HTML: what was called with what, what came of it, and how long it took."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ui import render, texts, tool_texts
from ui.models import ToolPlace, ToolUse

SHOWN = 4_000  # characters of a result
GLANCE = 80  # characters of the arguments beside the name


def tool_uses(uses: Sequence[ToolUse], *, ended: bool) -> str:
    """Return the list of calls; each opens to its arguments and its result.

    Args:
        uses: in their order.
        ended: the answer is not being written any more, so that a call that still runs broke off.
    """
    if not uses:
        return ""
    items = "".join(render.element("li", _use(use, ended=ended)) for use in uses)
    return render.element("ul", items, "as-tools", aria_label=tool_texts.WORKING)


def _use(use: ToolUse, *, ended: bool) -> str:
    lost = ended and use.state in {"approved", "running"}
    state = render.element("span", escape(tool_texts.STATES.get(use.state, use.state)), f"as-tool as-tool-{use.state}")
    name = render.element("strong", escape(use.name))
    glance = render.element("span", escape(_cut(_flat(use.arguments), GLANCE, mark="\u2026")), "as-tool-with")
    took = render.element("span", escape(texts.timing(use.seconds)), "as-tool-time") if use.seconds else ""
    summary = render.element("summary", state + name + glance + took, aria_label=tool_texts.called(use.name, use.state))
    facts = "".join(render.element("dt", escape(term)) + render.element("dd", body) for term, body in _facts(use))
    warning = render.notice(tool_texts.UNSURE, kind="warning") if lost else ""
    return render.element("details", summary + render.element("dl", facts, "as-facts"), "as-plan") + warning


def _facts(use: ToolUse) -> list[tuple[str, str]]:
    rows = [(tool_texts.ARGUMENTS, _values(use.arguments))]
    if use.proposed is not None:
        rows.append((tool_texts.PROPOSED, _values(use.proposed)))
    if use.result or use.state == "done":
        rows.append((tool_texts.RESULT, _block(use.result or tool_texts.NO_RESULT)))
    if use.places:
        rows.append((tool_texts.PLACES, "".join(map(_place, use.places))))
    if use.error:
        rows.append((tool_texts.ERROR, escape(use.error)))
    if use.reason:
        rows.append((tool_texts.REASON, escape(use.reason)))
    return rows


def _place(place: ToolPlace) -> str:
    page = "" if place.page is None else f", {texts.page(place.page)}"
    return render.element("div", escape(f"[{place.number}] {place.title}{page}"))


def _values(arguments: Mapping[str, Any]) -> str:
    if not arguments:
        return escape(tool_texts.NO_ARGUMENTS)
    return "".join(
        render.element("div", render.element("span", escape(f"{name}: "), "as-quiet-text") + escape(written(value)))
        for name, value in arguments.items()
    )


def _block(text: str) -> str:
    rest = len(text) - SHOWN
    more = render.element("span", escape(tool_texts.more(rest)), "as-quiet-text") if rest > 0 else ""
    return render.element("pre", escape(text[:SHOWN].replace(render.WITHDRAWN, texts.WITHDRAWN))) + more


def _flat(arguments: Mapping[str, Any]) -> str:
    return ", ".join(" ".join(written(value).split()) for value in arguments.values())


def _cut(text: str, length: int, *, mark: str) -> str:
    return text if len(text) <= length else text[:length] + mark


def written(value: Any) -> str:
    """Return an argument as a person reads it: text as it is, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
