"""A conversation as Markdown: no answer takes what stands behind it into its code or its lists."""

from __future__ import annotations

from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from assistant.conversations import markdown, pdf
from assistant.conversations.parts import Conversation
from tests.conversations.conftest import ANN, Office
from tests.conversations.test_printed import pages


def stopped(office: Office, text: str) -> Conversation:
    """Return a conversation of two questions of which the first answer was stopped after `text`."""
    conversation, _ = office.begin("When do I book?")
    office.go_on(conversation, "And the hotel?")
    kept = office.desk.get(ANN, conversation)
    first, *more = kept.turns
    return replace(kept, turns=(replace(first, record=replace(first.record, text=text, state="stopped")), *more))


def outline(page: str) -> list[str]:
    """Return a page's outermost blocks: what headings and paragraphs say, of all others the kind."""
    tokens = MarkdownIt("commonmark").parse(page)
    inner = [*tokens[1:], *tokens[-1:]]
    pairs = [pair for pair in zip(tokens, inner, strict=True) if pair[0].level == 0 and pair[0].nesting >= 0]
    return [within.content if within.type == "inline" else block.type for block, within in pairs]


CUT = (
    "So:\n```python\nrun()",
    "```\na\n```",
    "~~~~\nrun()\n~~~",
    "- so:\n  ```\n  run()",
    "- so:\n  ```\n  run()\n  ```",
    "<pre>\nx\n\ny",
)


@pytest.mark.parametrize("text", CUT)
def test_an_answer_that_was_stopped_in_code_takes_nothing_behind_it(office: Office, text: str) -> None:
    found = outline(markdown(stopped(office, text)))
    behind = found[found.index("*The answer was stopped here.*") :]
    assert behind[:4] == ["*The answer was stopped here.*", "**Sources**", "bullet_list_open", "And the hotel?"]


def test_sources_are_a_list_of_their_own(office: Office) -> None:
    kept = stopped(office, "Book:\n- flights")
    kept = replace(kept, turns=tuple(replace(one, record=replace(one.record, state="complete")) for one in kept.turns))
    found = outline(markdown(kept))
    assert found[found.index("Book:") :][:4] == ["Book:", "bullet_list_open", "**Sources**", "bullet_list_open"]


def test_what_the_checks_found_and_whose_days_these_are_is_said(office: Office) -> None:
    kept = stopped(office, "Soon [1].")
    first, *more = kept.turns
    cited = [replace(one, citation=one.citation and replace(one.citation, supported=False)) for one in first.citations]
    kept = replace(kept, turns=(replace(first, citations=tuple(cited)), *more))
    assert "(verified, says otherwise): " in markdown(kept)
    assert "(UTC).\n" in markdown(kept)
    assert "(UTC)" in pages(pdf(kept))
