"""Asks axe-core what is wrong with a page for people who hear it or see it badly, but for what Streamlit causes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
SECONDS = 60.0  # that a violation has to last


@dataclass(frozen=True, slots=True)
class Violation:
    """An element that breaks a rule: axe's name of the rule, how the element is found, its HTML and what is wrong."""

    rule: str
    target: str
    html: str
    why: str


@dataclass(frozen=True, slots=True)
class Streamlits:
    """What Streamlit itself causes: a rule, and a CSS selector of all elements that break it; see accessibility.md."""

    rule: str
    selector: str


EXCEPTIONS: tuple[Streamlits, ...] = ()


def violations(page: Page) -> list[Violation]:
    """Return what axe finds against WCAG 2.2 A and AA on the page, but for the exceptions.

    What is found is looked for again until it is gone: a page that is half drawn, as on a busy machine, and colours on
    their way to others are no violation; what stays is one.
    """
    end = time.monotonic() + SECONDS
    while (found := _violations(page)) and time.monotonic() < end:
        page.wait_for_timeout(1500)
    return found


def _violations(page: Page) -> list[Violation]:
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate(Axe().axe_script)
    found: list[dict[str, Any]] = page.evaluate(
        "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})"
        ".then(results => results.violations)",
        list(RULES),
    )
    listed = [
        Violation(rule["id"], " ".join(map(str, node["target"])), node["html"][:300], node.get("failureSummary", ""))
        for rule in found
        for node in rule["nodes"]
    ]
    return [one for one in listed if not _is_streamlits(page, one)]


def _is_streamlits(page: Page, violation: Violation) -> bool:
    selectors = [one.selector for one in EXCEPTIONS if one.rule == violation.rule]
    return any(
        page.evaluate(
            "([target, selector]) => document.querySelector(target)?.matches(selector) ?? false",
            [violation.target, one],
        )
        for one in selectors
    )
