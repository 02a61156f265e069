"""Numbers, amounts and dates are compared by what they stand for."""

import pytest

from assistant.citations.quantities import quantities, same


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("1,000", "1000", True),
        ("1.000,50 €", "1000.50 EUR", True),
        ("21 days", "twenty-one days", True),
        ("21 days", "21 weeks", False),
        ("12 %", "12 percent", True),
        ("$83.0 billion", "$82,959 million", True),
        ("$84.0 billion", "$82,959 million", False),
        ("82,959", "82,960", False),
        ("June 25, 2022", "25 June 2022", True),
        ("2022-06-25", "June 25, 2022", True),
        ("June 26, 2022", "June 25, 2022", False),
        ("June 25", "June 25, 2022", True),
        ("3. März 2024", "2024-03-03", True),
        ("$5M", "5 million dollars", True),
        ("two hundred people", "200 people", True),
    ],
)
def test_same(one, other, equal):
    (first,), (second,) = quantities(one), quantities(other)
    assert same(first, second) is equal


@pytest.mark.parametrize("text", ["form SF-182", "v1.2.3", "10-Q", "A4"])
def test_codes_are_no_amounts(text):
    assert quantities(text) == []


def test_they_stand_where_they_are_said_to():
    text = "From May 5, 2020 on it costs $1,250.50 for 3 days."
    assert [text[q.start : q.end] for q in quantities(text)] == ["May 5, 2020", "1,250.50", "3 days"]
