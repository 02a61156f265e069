"""Units that can be quoted: they stand exactly in the text and make sense by themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer.markup import labelled
from assistant.answer.sentences import MAX_UNIT, Segmenter
from assistant.types import Block
from tests.answer.memory import make_document

PAGE = """---
title: Leave
keywords: vacation, jury duty
---

# Leave

See the [leave chart](https://example.org/chart).

## Annual leave

You may use annual leave for any reason. Ask Dr. Smith, e.g. by mail, at 3.5 hours
before the day. Really? Yes.

Leave accrues by years of service:

* Fewer than 3 years: 4 hours
* 15+ years: **8 hours** per [pay period](#pay)

[Overview](/overview) | [Contact](/contact)

### Can I carry leave over?

Up to 240 hours.

| Grade | Pay |
| --- | ---: |
| K7 | 4,310 euros |

```python
leave = 240
```

> Ask early, always.

{% alert %}
<div class="x">
"""


def units(text=PAGE, start=0, end=None, **kwargs):
    document = make_document("leave.md", text, **kwargs)
    found = Segmenter(document).sentences(start, len(text) if end is None else end)
    for sentence in found:
        assert text[sentence.start : sentence.end] == sentence.text
    return found


def texts(found):
    return [s.text for s in found if not s.code]


def test_sentences_items_and_rows_of_a_page():
    assert texts(units()) == [
        "You may use annual leave for any reason.",
        "Ask Dr. Smith, e.g. by mail, at 3.5 hours\nbefore the day.",
        "Leave accrues by years of service:\n\n* Fewer than 3 years: 4 hours\n"
        "* 15+ years: **8 hours** per [pay period](#pay)",
        "Fewer than 3 years: 4 hours",
        "15+ years: **8 hours** per [pay period](#pay)",
        "Up to 240 hours.",
        "K7 | 4,310 euros",
        "Ask early, always.",
    ]


def test_what_stands_above_a_unit():
    above = {s.text: s.context for s in units()}
    assert above["Up to 240 hours."] == ("Leave", "Annual leave", "Can I carry leave over?")
    assert above["Fewer than 3 years: 4 hours"][-1] == "Leave accrues by years of service:"
    assert above["K7 | 4,310 euros"][-1] == "Grade | Pay"


def test_a_reader_sees_no_markup():
    plain = {s.text: s.plain for s in units()}
    assert plain["15+ years: **8 hours** per [pay period](#pay)"] == "15+ years: 8 hours per pay period"


def test_code_is_marked():
    assert [s.text for s in units() if s.code] == ["leave = 240"]


def test_a_stretch_gives_whole_sentences_and_keeps_the_headings():
    start = PAGE.index("annual leave for any")
    (only,) = units(start=start, end=start + 30)
    assert only.text == "You may use annual leave for any reason."
    assert only.context == ("Leave", "Annual leave")


def test_blocks_of_a_parser_give_headings_and_code():
    text = "Annual leave\nYou may carry over 240 hours.\nx = 240\n"
    blocks = [
        Block("heading", text[:12], 0, 12, level=1),
        Block("text", text[13:42], 13, 42),
        Block("code", text[43:50], 43, 50),
    ]
    first = units(text, blocks=blocks)[0]
    assert first.context == ("Annual leave",)
    assert first.text.startswith("You may carry over 240 hours.")


def test_a_row_knows_its_tables_header_however_far_above():
    rows = "".join(f"| City {number} | {number} euros |\n" for number in range(300))
    table = f"| City | Limit |\n| --- | --- |\n{rows}"
    text = f"# Hotels\n\n{table}\nAfter the table, nothing."
    start = text.index("| City |")
    at = text.index("| City 250")
    blocks = [Block("heading", "Hotels", 2, 8, level=1), Block("table", table.strip(), start, start + len(table) - 1)]
    found = units(text, start=at, end=at + 60, blocks=blocks)
    assert (found[0].text, found[0].header) == ("City 250 | 250 euros", "City | Limit")
    assert found[0].context == ("Hotels", "City | Limit")
    (last,) = units(text, start=text.index("After"), blocks=blocks)
    assert (last.header, last.context) == ("", ("Hotels",))
    assert not any(unit.text == "City | Limit" for unit in units(text, blocks=blocks))


@pytest.mark.parametrize(
    ("row", "header", "said"),
    [
        ("Rome | 90 euros", "City | Limit", "City: Rome; Limit: 90 euros"),
        ("Rome |  | **yes**", "City | Limit: | [Open](#o)", "City: Rome; Open: yes"),
        ("| 5", " | Days", "Days: 5"),
        ("a \\| b | c", "x | y", "x: a | b; y: c"),
        ("Rome | 90 euros", "Limits", "Rome | 90 euros (columns: Limits)"),
    ],
)
def test_a_row_is_said_with_its_columns_names(row, header, said):
    assert labelled(row, header) == said


def test_no_unit_holds_a_word_of_a_notice():
    notice = "[Page 2 cannot be read: the file is broken there]"
    for text in (
        f"Badges are made here.\n\n{notice}\n\nAsk at the front desk.",
        f"Badges are made here.\n{notice}\nAsk at the front desk.",
        f"Bring all of these:\n\n* a badge\n{notice}\n* a photograph",
        f"```\nrun(badges)\n{notice}\n```",
        notice,
    ):
        at = text.index(notice)
        found = units(text, blocks=[Block("notice", notice, at, at + len(notice))])
        assert not any("cannot" in unit.text or "cannot" in unit.plain for unit in found)
        assert all(unit.end <= at or unit.start >= at + len(notice) for unit in found)
    assert units(notice)


def test_bold_lines_and_questions_title_what_follows():
    found = units("**Approvers**\n\nAsk your team lead first.\n\nCan I bring a dog?\n\nNo, pets stay at home.\n")
    assert [(s.text, s.context) for s in found] == [
        ("Ask your team lead first.", ("Approvers",)),
        ("No, pets stay at home.", ("Can I bring a dog?",)),
    ]


def test_endless_text_is_cut():
    found = units("word " * 1000)
    assert len(found) > 5
    assert all(s.end - s.start <= MAX_UNIT for s in found)


def test_chinese_sentences():
    assert texts(units("我们的办公室在柏林。 它 每天 九点 开门 。")) != []


@given(st.text(st.sampled_from("ab. \n#*-|`>[](){}%!?:;1"), max_size=200), st.data())
def test_any_text_any_stretch(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    for sentence in units(text, start, end):
        assert sentence.text == sentence.text.strip() != ""
        assert sentence.start < sentence.end
