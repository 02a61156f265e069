"""A conversation as a PDF file, as its person may read it now: set by Typst, from data in which nothing is markup."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from assistant.conversations.attached import rows_of
from assistant.conversations.blocks import blocks_of, is_rtl
from assistant.conversations.export import STATES, WITHDRAWN, checks, days
from assistant.conversations.parts import Conversation
from assistant.conversations.shown import ShownCitation, ShownTurn
from assistant.errors import AssistantError
from assistant.injection import inert

_NO_GLYPH = "could not be displayed"
_ALL_DRAWN = ""
_NOT_DRAWN = (
    "Some characters are not drawn: no font of this machine has them. Install one that does, such as Noto, and export"
    " again."
)
# Headings of an answer are set as strong lines: only the questions are headings of the file.
_TEMPLATE = r"""
#let data = json(bytes(sys.inputs.data))
#set document(title: data.title, author: "Assistant", date: auto)
#set page(paper: "a4", margin: (x: 2.2cm, y: 2.2cm), numbering: "1 / 1")
#set text(font: "Libertinus Serif", size: 10.5pt, lang: "en", fallback: true)
#set par(leading: 0.62em, spacing: 0.9em)
#show raw: set text(font: "DejaVu Sans Mono", size: 0.85em)
#let quiet(body) = text(fill: rgb("#555555"), size: 0.88em, body)
#let directed(rtl, body) = if rtl { set text(dir: direction.rtl); body } else { body }
#let parts(found) = for one in found {
  if one.kind == "text" { one.text }
  else if one.kind == "code" { raw(one.text) }
  else if one.kind == "break" { linebreak() }
  else if one.kind == "strong" { strong(parts(one.parts)) }
  else if one.kind == "emph" { emph(parts(one.parts)) }
  else { strike(parts(one.parts)) }
}
#let blocks(found) = for one in found {
  if one.kind == "par" {
    let body = if one.level > 0 { strong(parts(one.parts)) } else { parts(one.parts) }
    directed(one.rtl, par(body))
  }
  else if one.kind == "code" {
    block(fill: rgb("#f4f4f2"), inset: 8pt, radius: 4pt, width: 100%, raw(one.text, block: true))
  }
  else if one.kind == "rule" { line(length: 100%, stroke: 0.5pt + rgb("#bbbbbb")) }
  else if one.kind == "quote" { block(inset: (left: 10pt), stroke: (left: 1.5pt + rgb("#bbbbbb")), blocks(one.blocks)) }
  else if one.kind == "list" { list(..one.items.map(item => blocks(item))) }
  else if one.kind == "enum" { enum(start: one.start, ..one.items.map(item => blocks(item))) }
  else if one.rows.len() > 0 {
    let (head, ..rest) = one.rows
    table(
      columns: head.len(), stroke: 0.5pt + rgb("#bbbbbb"), inset: 5pt,
      table.header(..head.map(cell => strong(parts(cell)))),
      ..rest.map(row => row.map(parts)).join(),
    )
  }
}
#let cited(one) = block(breakable: false, inset: (left: 10pt), width: 100%, {
  strong("[" + str(one.number) + "] ")
  one.name
  if one.place != "" { quiet(" \u{00b7} " + one.place) }
  if one.marks.len() > 0 { quiet(" \u{00b7} " + one.marks.join(", ")) }
  if one.quote != "" { directed(one.rtl, par(emph("\u{201c}" + one.quote + "\u{201d}"))) }
})
#directed(data.rtl, heading(level: 1, data.title))
#quiet(data.when)
#if data.missing != "" { block(stroke: 0.5pt + rgb("#9a6a00"), inset: 8pt, radius: 4pt, data.missing) }
#for turn in data.turns {
  v(0.6em)
  block(sticky: true, width: 100%, directed(turn.rtl, heading(level: 2, turn.question.join(linebreak()))))
  if turn.attached != "" { quiet("Attached: " + turn.attached) }
  blocks(turn.answer)
  for said in turn.said { par(emph(said)) }
  if turn.citations.len() > 0 {
    v(0.3em)
    block(sticky: true, strong("Sources"))
    for one in turn.citations { cited(one) }
  }
}
"""


def pdf(conversation: Conversation) -> bytes:
    """Return the branch that is shown as a tagged PDF file: questions as headings, answers, and what they cite.

    Letters of all scripts are set in their direction, as far as a font of this machine has them; where one is missing,
    the file says so at its beginning.

    Raises:
        AssistantError: the file cannot be made.
    """
    import typst

    data = _data(conversation)
    source = _TEMPLATE.encode()
    when = datetime.now(UTC).replace(microsecond=0)
    try:
        try:
            return typst.compile(
                source, format="pdf", sys_inputs={"data": json.dumps(data)}, pdf_standards="ua-1", timestamp=when
            )
        except typst.TypstError as error:
            if _NO_GLYPH not in str(error):
                raise
        said = json.dumps({**data, "missing": _NOT_DRAWN})
        return typst.compile(source, format="pdf", sys_inputs={"data": said}, timestamp=when)
    except typst.TypstError as error:
        raise AssistantError(f"the PDF file cannot be made: {error}", "export as Markdown instead") from error


def _data(conversation: Conversation) -> dict[str, object]:
    record = conversation.record
    return {
        "title": inert(record.title),
        "rtl": is_rtl(record.title),
        "when": days(record),
        "missing": _ALL_DRAWN,
        "turns": [_turn(turn) for turn in conversation.turns],
    }


def _turn(turn: ShownTurn) -> dict[str, object]:
    record = turn.record
    said = [STATES[record.state]] if record.state in STATES else []
    if record.error:
        said.append(inert(record.error["error"]))
    return {
        "question": inert(record.question).splitlines() or [""],
        "rtl": is_rtl(record.question),
        "attached": ", ".join(inert(row["name"]) for row in rows_of(record) if not row["carried"]),
        "answer": blocks_of(inert(record.text)),
        "said": said,
        "citations": [_citation(one) for one in turn.citations],
    }


def _citation(shown: ShownCitation) -> dict[str, object]:
    name = "" if shown.document is None else inert(shown.document.title)
    found: dict[str, object] = {
        "number": shown.number,
        "name": name,
        "place": "",
        "marks": [],
        "quote": "",
        "rtl": False,
    }
    if shown.citation is None or shown.document is None:
        return {**found, "marks": [WITHDRAWN[shown.withdrawn or "gone"]]}
    one, ref = shown.citation, shown.document
    if one.kind == "attachment":
        return {**found, "marks": ["attached to the question, seen, not read"]}
    page = "" if one.passage.page is None else f", page {one.passage.page}"
    place = inert(f"{ref.source}: {ref.key}{page}")
    if one.kind != "text" and not one.quote:
        return {**found, "place": place, "marks": ["a picture: seen, not read"]}
    quote = inert(" ".join(one.quote.split()))
    return {**found, "place": place, "marks": checks(one), "quote": quote, "rtl": is_rtl(quote)}
