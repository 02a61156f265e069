"""The HTML report: whole in itself, nothing unescaped, and right in what it says."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assistant.errors import ConfigurationError
from assistant.evaluation import Item, QueryResult, Run
from assistant.evaluation.plots import bars, histogram, intervals
from assistant.evaluation.report import page
from tests.fakes.chromium import CHROMIUM
from tests.ui.browsing import MILLISECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

EVIL = '"><script>alert(1)</script><img src=http://evil.example/x onerror=alert(1)>\u202e\x00'


def run(values=(0.0, 0.5, 1.0), name="set", kind="retrieval") -> Run:
    results = tuple(
        QueryResult(
            f"q{number}",
            f"question {number}",
            {"ndcg@10": value, "mrr@10": None},
            (Item("wanted.md", "rank 3", good=True, text="a title"),),
            (Item("found.md", good=False),),
            0.01,
        )
        for number, value in enumerate(values)
    )
    scores = {"ndcg@10": sum(values) / len(values), "mrr@10": None, "queries": len(values), "p50_ms": 1.5, "p95_ms": 2}
    return Run(kind, name, ("ndcg@10", "mrr@10"), scores, results, "c", made="2026-01-01T00:00:00Z")


class Checked(HTMLParser):
    """Notes the tags, and fails where they do not close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parsed(html: str) -> Checked:
    checked = Checked()
    checked.feed(html)
    assert checked.open == []
    return checked


def test_one_run_with_the_worst_question_first():
    html = page([("base", run())])
    parsed(html)
    assert html.index("question 0") < html.index("question 1") < html.index("question 2")
    assert "0.500" in html
    assert "no score" not in html  # a metric that nobody has a score of is not drawn
    assert html.count("<svg") == 2
    assert "wanted.md" in html
    assert "rank 3" in html


def test_nothing_of_documents_or_names_becomes_markup_and_nothing_is_fetched():
    evil = replace(
        run(),
        name=EVIL,
        settings={EVIL: EVIL},
        notes=(EVIL,),
        results=(QueryResult(EVIL, EVIL, {"ndcg@10": 0.1}, (Item(EVIL, EVIL, None, EVIL),), (), 0, EVIL, EVIL),),
    )
    html = page([(EVIL, evil), ("b", replace(evil, name="b"))])
    checked = parsed(html)
    assert not {"script", "img", "link", "iframe", "object"} & set(checked.tags)
    assert not {"src", "href", "onerror"} & {name for name, _ in checked.attributes}
    assert "default-src 'none'" in html
    assert not {"\u202e", "\x00"} & set(html)
    assert not re.search(r"url\(|@import", html)


def test_two_runs_are_compared_and_those_that_cannot_be_are_said():
    html = page([("before", run()), ("after", run((0.5, 0.5, 1.0))), ("other", run((1.0,)))])
    parsed(html)
    assert "after against before" in html
    assert "+0.1667" in html
    assert "1 / 0 / 2" in html
    assert "over different questions" in html
    mixed = page([("a", run()), ("b", run(kind="answers"))])
    parsed(mixed)
    assert "against" not in mixed


def test_no_runs():
    with pytest.raises(ConfigurationError, match="no runs"):
        page([])


def test_plots_show_their_figures():
    drawn = histogram([0.0, 0.05, 0.95, 1.0, 1.0])
    heights = [float(found) for found in re.findall(r'height="([\d.]+)" rx', drawn)]
    assert len(heights) == 10
    assert heights[9] == max(heights) == pytest.approx(1.5 * heights[0])
    assert "0.9 to 1: 3" in drawn
    lengths = [
        float(found) for found in re.findall(r'width="([\d.]+)" height="[\d.]+" rx', bars([("a", [0.5, 1.0])], [0, 1]))
    ]
    assert lengths[1] == pytest.approx(2 * lengths[0], abs=0.2)
    drawn = bars([("a", [None, 0.5])], [2, 3])
    assert "no score" in drawn
    assert "var(--c3)" in drawn
    drawn = intervals([("a", 0.1, 0.05, 0.15), ("b", -0.1, -0.15, -0.05)])
    (a, b), middle = (float(x) for x in re.findall(r'circle cx="([\d.]+)"', drawn)), re.findall(r'x1="([\d.]+)"', drawn)
    assert b < float(middle[0]) < a
    parsed(drawn)


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium at /usr/bin/chromium")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_fits_a_phone_in_both_themes_and_asks_nobody_for_anything(
    chromium: Browser, tmp_path: Path, theme: Any
) -> None:
    target = tmp_path / "report.html"
    long = replace(run(), name="x" * 300, notes=("y" * 300,))
    target.write_text(page([("before", long), ("after", run((1.0, 0.5, 0.9)))]), encoding="utf-8")
    asked: list[str] = []
    said: list[str] = []
    shown = chromium.new_page(viewport={"width": 360, "height": 800}, color_scheme=theme)
    shown.set_default_timeout(MILLISECONDS)
    shown.on("request", lambda request: asked.append(request.url))
    shown.on("console", lambda message: said.append(message.text))
    shown.goto(target.as_uri())
    width = shown.evaluate("document.documentElement.scrollWidth")
    paper, ink = shown.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    shown.close()
    assert width <= 360
    assert asked == [target.as_uri()]
    assert said == []
    light, dark = sorted((paper, ink), key=lambda colour: -sum(int(n) for n in re.findall(r"\d+", colour)))
    assert (paper, ink) == ((light, dark) if theme == "light" else (dark, light))
