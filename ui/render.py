"""Turns answers and document text into HTML that cannot do anything: no markup of theirs survives."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from ui import ask_texts, place_texts, plan_texts, texts
from ui.models import Citation, Plan, Planned, TextWindow, Withdrawn

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

LISTED = 12
WITHDRAWN = "[withdrawn]"  # what the API puts in place of what may not be read any more
_MARKER = re.compile(r"\[(\d{1,4})\]")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# What a cut through the middle of a word leaves of it.
_CUT_START = re.compile(r"^\S{0,40}\s+")
_CUT_END = re.compile(r"\s+\S{0,40}$")
_CODE = re.compile(r"`([^`]+)`")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")


def plain(text: str) -> str:
    """Escape every character that means something in Markdown, for Streamlit's labels and titles."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))


# What people, documents and models write goes in the direction of its own first letter, whatever the page's is.
_ANY_DIRECTION = frozenset({"as-question", "as-answer", "as-title", "as-quote", "as-text", "as-path"})


def element(tag: str, body: str, css: str = "", **attributes: str) -> str:
    """Return `<tag class=css ...>body</tag>`; attributes are escaped, `body` is HTML already."""
    pairs = {"class": css} if css else {}
    if not _ANY_DIRECTION.isdisjoint(css.split()):
        pairs["dir"] = "auto"
    elif css == "as-hidden":
        pairs["dir"] = "ltr"  # has one of its own, and so does not count for what it stands in
    pairs.update({name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()})
    written = "".join(f' {name}="{escape(value)}"' for name, value in pairs.items())
    return f"<{tag}{written}>{body}</{tag}>"


def notice(title: str, body: str = "", *, kind: str = "info") -> str:
    """Return a framed message. `kind`: `info`, `quiet`, `warning` or `error`; errors are announced at once."""
    said = element("strong", escape(_sentence(title)))
    if body:
        said += element("p", _CODE.sub(r"<code>\1</code>", escape(_sentence(body))))
    return element("div", said, f"as-notice as-{kind}", role="alert" if kind == "error" else "status")


def _sentence(text: str) -> str:
    """Return a text with a capital at its start, unless that is an address or a file."""
    return text[:1].upper() + text[1:] if text.partition(" ")[0].isalpha() else text


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
    # Links and images could call out or mislead; with their rules off their source is shown as text.
    parser.disable(["link", "image", "autolink", "reference", "html_block", "html_inline"])
    parser.add_render_rule("text", _text_rule)
    return parser


def _text_rule(_self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, env: EnvType) -> str:
    """Render a text token: escaped, and `[n]` as a button where n is a citation."""
    known: Mapping[int, list[tuple[int, Citation]]] = env["citations"]
    met: dict[int, int] = env["met"]
    turn: str = env["turn"]

    def marker(match: re.Match[str]) -> str:
        number = int(match[1])
        places = known.get(number)
        if places is None:
            return element("span", str(number), "as-cite as-cite-open") if env["live"] else match[0]
        at, citation = places[min(met.get(number, 0), len(places) - 1)]
        met[number] = met.get(number, 0) + 1
        return cite_button(f"{turn}:{at}", citation, *_numbered(citation))

    shown = _MARKER.sub(marker, escape(tokens[index].content, quote=False))
    gap = element("span", escape(texts.WITHDRAWN), "as-withdrawn", title=texts.WITHDRAWN_HELP)
    return shown.replace(WITHDRAWN, gap)


def _numbered(citation: Citation) -> tuple[str, str]:
    """Return what stands in a citation's number, as HTML, and its classes: doubt is a sign, and not a colour alone."""
    if citation.is_seen:
        return str(citation.number), "as-cite as-cite-seen"
    if doubts(citation):
        return str(citation.number) + element("span", "!", "as-doubt", aria_hidden="true"), "as-cite as-cite-unverified"
    return str(citation.number), "as-cite"


def doubts(citation: Citation) -> list[tuple[str, str]]:
    """Return what speaks against relying on a citation, each as a word and its explanation."""
    if citation.is_seen:
        return []
    found = [] if citation.verified else [(texts.UNVERIFIED, texts.UNVERIFIED_HELP)]
    if citation.supported is False:
        found.append((texts.UNSUPPORTED, texts.UNSUPPORTED_HELP))
    return [*found, (texts.FLAGGED, texts.FLAGGED_HELP)] if citation.flagged else found


def _remark(citation: Citation) -> str:
    """Return what a citation's name says of it beside its document."""
    if citation.is_seen:
        return place_texts.LOOKED_AT
    if not citation.verified:
        return place_texts.NOT_VERIFIED
    return place_texts.SAYS_OTHERWISE if citation.supported is False else ""


def cite_button(target: str, citation: Citation, body: str, css: str) -> str:
    """Return a button that opens the citation's place; `body` is HTML. clicks.js listens for `data-cite`.

    `target` is the turn's id and the citation's place among those of the turn, from 1: several may have one number.
    """
    return element(
        "button",
        body,
        css,
        type="button",
        data_cite=target,
        aria_label=place_texts.source_named(citation.number, citation.document.title, _remark(citation)),
    )


def answer_text(text: str, citations: Sequence[Citation] = (), *, turn: str = "", live: bool = False) -> str:
    """Render an answer's Markdown.

    Args:
        text: the answer, complete or so far.
        citations: what its `[n]` refer to; of several with one number, the first belongs to its first mark, and so on.
        turn: id of the turn, for the citation buttons.
        live: more is to come; markers without a citation yet are shown as such.
    """
    known: dict[int, list[tuple[int, Citation]]] = {}
    for at, item in enumerate(citations, 1):
        known.setdefault(item.number, []).append((at, item))
    env = {"citations": known, "met": {}, "turn": turn, "live": live}
    return element("div", _markdown().render(text, env), "as-answer as-live" if live else "as-answer")


def place_line(citation: Citation) -> str:
    """Return page and heading of a citation as text, empty if it has neither."""
    parts = [texts.page(citation.page)] if citation.page is not None else []
    return " \u00b7 ".join([*parts, " \u203a ".join(citation.heading)] if citation.heading else parts)


def verified_mark(citation: Citation) -> str:
    """Return the word that says whether the quote was verified, with its explanation."""
    if citation.verified:
        return element("span", escape(texts.VERIFIED), "as-mark as-verified", title=texts.VERIFIED_HELP)
    return element("span", escape(texts.UNVERIFIED), "as-mark as-unverified", title=texts.UNVERIFIED_HELP)


def supported_mark(citation: Citation) -> str:
    """Return the word that says whether the answer's sentence follows from the quote; empty where nothing can tell."""
    if citation.supported is None:
        return ""
    if citation.supported:
        return element("span", escape(texts.SUPPORTED), "as-mark as-verified", title=texts.SUPPORTED_HELP)
    return element("span", escape(texts.UNSUPPORTED), "as-mark as-unverified", title=texts.UNSUPPORTED_HELP)


def marks(citation: Citation) -> str:
    """Return both words: whether the quote stands there, and whether the answer's sentence follows from it.

    Of what was seen in a picture neither can be told: one word says what it is.
    """
    return _kind_marks(citation) + _flagged_mark(citation)


def _flagged_mark(citation: Citation) -> str:
    if not citation.flagged:
        return ""
    return element("span", escape(texts.FLAGGED), "as-mark as-unverified", title=texts.FLAGGED_HELP)


def _kind_marks(citation: Citation) -> str:
    if citation.is_seen:
        said = texts.SEEN.get(citation.kind, texts.SEEN["picture"])
        return element("span", escape(said), "as-mark as-seen", title=texts.SEEN_HELP)
    return verified_mark(citation) + supported_mark(citation)


def citation_cards(citations: Sequence[Citation], turn: str, withdrawn: Sequence[Withdrawn] = ()) -> str:
    """Return the list of cited places, each a button that opens it; those that are withdrawn say only that."""
    if not citations and not withdrawn:
        return ""
    cards = []
    for at, item in enumerate(citations, 1):
        place = place_line(item)
        head = element("span", str(item.number), "as-number") + element("span", escape(item.document.title), "as-title")
        foot = element("span", escape(place or _whose(item)), "as-place") + marks(item)
        body = (
            element("span", head, "as-head")
            + element("span", escape(texts.SEEN_QUOTE if item.is_seen else " ".join(item.quote.split())), "as-quote")
            + element("span", foot, "as-foot")
        )
        cards.append(element("li", cite_button(f"{turn}:{at}", item, body, "as-card")))
    for gone in withdrawn:
        head = element("span", str(gone.number), "as-number") + element("span", escape(gone.title), "as-title")
        why = element("span", escape(texts.CHANGED if gone.title else texts.GONE), "as-quote")
        cards.append(element("li", element("div", element("span", head, "as-head") + why, "as-card as-card-withdrawn")))
    legend = element("p", escape(place_texts.LEGEND), "as-quiet-text") if any(map(doubts, citations)) else ""
    return element("h3", escape(texts.CITED), "as-label") + legend + element("ol", "".join(cards), "as-cards")


def _whose(citation: Citation) -> str:
    """Return what stands in place of a page: the document's key, of which an attachment has none."""
    return "" if citation.kind == "attachment" else citation.document.key


def notes(said: Sequence[str]) -> str:
    """Return what the reader has to know of how an answer came to be."""
    return "".join(notice(each, kind="quiet") for each in said)


def plan_details(
    plan: Plan,
    model: str,
    usage: Mapping[str, int],
    timings: Mapping[str, float],
    *,
    standalone: str = "",
    hidden: int = 0,
) -> str:
    """Return the plan in plain words; opened, it says why, what was read and what was left out."""
    rows = [(texts.PLAN_MODE, escape(texts.PLAN_MODES.get(plan.mode, plan.mode)))]
    if standalone:
        rows.append((texts.PLAN_QUESTION, escape(standalone)))
    if plan.reason:
        rows.append((texts.PLAN_REASON, escape(plan.reason)))
    if plan.documents:
        rows.append((texts.PLAN_READ, _items(_with_tokens(plan.documents))))
    if plan.passages:
        rows.append((texts.PLAN_PASSAGES, _items(texts.by_document(plan.passages))))
    if plan.pictures:
        rows.append((texts.PLAN_PICTURES, _items(_with_tokens(plan.pictures))))
    rows.append((texts.PLAN_LEFT_OUT, _left_out(plan)))
    if hidden:
        rows.append((texts.PLAN_READ, escape(texts.hidden(hidden))))
    if model:
        rows.append((texts.PLAN_MODEL, escape(model)))
    spent = [plan_texts.usage(name, number) for name, number in usage.items() if number]
    if spent:
        rows.append((texts.PLAN_USAGE, escape(", ".join(spent))))
    if timings:
        parts = [plan_texts.phase(name, seconds) for name, seconds in timings.items()]
        rows.append((texts.PLAN_TIME, escape(", ".join(parts))))
    table = "".join(element("dt", escape(name)) + element("dd", body) for name, body in rows)
    summary = element("summary", escape(texts.plan_sentence(plan)), title=texts.HOW)
    return element("details", summary + element("dl", table, "as-facts"), "as-plan")


def _left_out(plan: Plan) -> str:
    """Return the documents that were found and got no place, and why."""
    if not plan.left_out:
        return escape(texts.PLAN_NOTHING_LEFT_OUT)
    return _items(_with_tokens(plan.left_out)) + element("p", escape(ask_texts.no_room(plan)), "as-quiet-text")


def _with_tokens(items: Sequence[Planned]) -> list[tuple[str, str]]:
    return [(item.document.title, texts.tokens(item.tokens)) for item in items]


def _items(entries: Sequence[tuple[str, str]]) -> str:
    """Return a list of titles with a remark each; a long list says how many more there are."""
    lines = [
        element("li", escape(title) + " " + element("span", escape(remark), "as-quiet-text"))
        for title, remark in entries[:LISTED]
    ]
    if len(entries) > LISTED:
        lines.append(element("li", escape(texts.and_more(len(entries) - LISTED)), "as-quiet-text"))
    return element("ul", "".join(lines))


def excerpt(window: TextWindow, start: int, end: int) -> str:
    """Return a window of a document's text with the characters `start` to `end` (of the document) highlighted."""
    first = min(max(0, start - window.start), len(window.text))
    last = min(max(first, end - window.start), len(window.text))
    before, quoted, after = window.text[:first], window.text[first:last], window.text[last:]
    marked = element("mark", _shown(quoted)) if quoted else ""
    if window.page is None and window.start > 0:
        before = "\u2026 " + _CUT_START.sub("", before)
    if window.page is None and window.end < window.length:
        after = _CUT_END.sub("", after) + " \u2026"
    return element("div", _shown(before) + marked + _shown(after), "as-text", lang="")


def around(window: TextWindow, start: int, end: int) -> dict[str, str]:
    """Return `before`, `quote` and `after` of the characters `start` to `end` (of the document), each on one line."""
    first, last = start - window.start, end - window.start
    before = ("\u2026 " if window.start else "") + _CUT_START.sub("", window.text[:first])
    after = _CUT_END.sub("", window.text[last:]) + (" \u2026" if window.end < window.length else "")
    parts = {"before": before, "quote": window.text[first:last], "after": after}
    return {name: re.sub(r"\s+", " ", part) for name, part in parts.items()}


def _shown(text: str) -> str:
    return escape(_BLANK_LINES.sub("\n\n", text), quote=False)
