"""Reads the numbers, amounts and dates of a text as values that can be compared."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

_SCALES = {
    "thousand": 3, "k": 3, "tausend": 3, "mille": 3, "mil": 3, "million": 6, "millions": 6, "mn": 6, "m": 6, "mio": 6,
    "millionen": 6, "millones": 6, "billion": 9, "billions": 9, "bn": 9, "b": 9, "milliarden": 9, "mrd": 9,
    "milliards": 9, "trillion": 12, "trillions": 12,
}  # fmt: skip
_UNDER_TWENTY = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen
"""
_BY_TEN = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL, _TENS = _UNDER_TWENTY.split(), _BY_TEN.split()
_SPELLED = {word: n for n, word in enumerate(_SMALL)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
_UNITS = {
    "%": "percent", "percent": "percent", "per cent": "percent", "prozent": "percent", "pct": "percent",
    "percentage points": "points", "bps": "basispoint", "basis points": "basispoint",
    "second": "second", "seconds": "second", "minute": "minute", "minutes": "minute", "min": "minute", "hour": "hour",
    "hours": "hour", "hrs": "hour", "hr": "hour", "day": "day", "days": "day", "week": "week", "weeks": "week",
    "month": "month", "months": "month", "quarter": "quarter", "quarters": "quarter", "year": "year", "years": "year",
    "stunden": "hour", "tage": "day", "tagen": "day", "wochen": "week", "monate": "month", "monaten": "month",
    "jahre": "year", "jahren": "year", "business days": "workday", "working days": "workday",
    "calendar days": "day", "km": "km", "kilometers": "km", "miles": "mile", "mile": "mile", "kg": "kg", "gb": "gb",
    "mb": "mb", "tb": "tb", "kb": "kb", "people": "person", "employees": "employee", "times": "times",
}  # fmt: skip
_MONEY = {"$": "usd", "us$": "usd", "usd": "usd", "dollars": "usd", "€": "eur", "eur": "eur", "euro": "eur",
          "euros": "eur", "£": "gbp", "gbp": "gbp", "pounds": "gbp", "¥": "jpy"}  # fmt: skip
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero", "february feb februar", "march mar märz", "april apr avril abril",
            "may mai mayo", "june jun juni juin junio", "july jul juli juillet julio", "august aug août agosto",
            "september sep sept septembre septiembre", "october oct oktober octobre octubre",
            "november nov novembre noviembre", "december dec dezember décembre diciembre",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DATES = re.compile(
    rf"""
      (?P<iso>\b(\d{{4}})-(\d{{2}})-(\d{{2}})\b)
    | (?P<mdy>\b({_MONTH})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(\d{{4}}))?\b(?!\s*[:%]))
    | (?P<dmy>\b(\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:de\s+|of\s+)?({_MONTH})\b\.?(?:,?\s+(?:de\s+)?(\d{{4}})\b)?)
    | (?P<dots>\b(\d{{1,2}})\.(\d{{1,2}})\.(\d{{4}})\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_UNIT = "|".join(re.escape(unit) for unit in sorted((*_UNITS, *_MONEY), key=len, reverse=True))
_SCALE = "|".join(sorted(_SCALES, key=len, reverse=True))
_NUMBERS = re.compile(
    rf"""
    (?<![\w.,/])(?<!\w[-/])
    (?P<money>(?:US)?[$€£¥]\s?)?
    (?P<sign>[-\u2212(](?=[\d.$]))? \$?
    (?P<digits>\d{{1,3}}(?:[,\u00a0\u202f'.]\d{{3}})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)
    (?:\s?(?P<scale>{_SCALE})(?![\w]))?
    (?:\s*[-\u2010]?\s*(?P<unit>{_UNIT})(?!\w))?
    (?!\d) (?!\w*[A-Za-z]) (?!-[A-Za-z]\b) (?!\)\([A-Za-z])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_WORDS = re.compile(
    rf"\b(?P<tens>{'|'.join(_TENS)})(?:[-\s](?P<ones>{'|'.join(_SMALL[1:10])}))?\b|\b(?P<small>{'|'.join(_SMALL)})\b",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"(?:\s+(?P<scale>hundred|{_SCALE})\b)?(?:\s*[-\u2010]?\s*(?P<unit>{_UNIT})(?!\w))?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number or a date; it stands at `start` to `end` of its text.

    Attributes:
        values: what it may stand for, more than one where a point or comma can be read in two ways; a date is the one
            value year * 10000 + month * 100 + day, with 0 for what is not said.
        unit: of a closed list in one spelling; empty if there is none.
        scale: the power of ten that a word behind it says (3: thousand).
        date: whether it is one.
    """

    start: int
    end: int
    values: frozenset[Decimal]
    unit: str = ""
    scale: int = 0
    date: bool = False
    spelled: bool = False


def quantities(text: str) -> list[Quantity]:
    """Return the numbers and dates of a text in order. Codes, such as `SF-182` or `401(k)`, are words and not here."""
    found: list[Quantity] = []
    for match in _DATES.finditer(text):
        value = _date(match)
        if value is not None:
            found.append(Quantity(*match.span(), frozenset({Decimal(value)}), date=True))
    begun = [q.start for q in found]

    def in_date(place: int) -> bool:
        at = bisect_right(begun, place) - 1
        return at >= 0 and place < found[at].end

    found += [_number(match) for match in list(_NUMBERS.finditer(text)) if not in_date(match.start("digits"))]
    for match in _WORDS.finditer(text):
        after = _AFTER.match(text, match.end())
        scale = (after["scale"] or "").lower() if after else ""
        unit = (after["unit"] or "").lower() if after else ""
        number = _SPELLED[(match["tens"] or match["small"]).lower()] + _SPELLED.get((match["ones"] or "").lower(), 0)
        power = 2 if scale == "hundred" else _SCALES.get(scale, 0)
        values = frozenset({Decimal(number) * 10**power})
        found.append(Quantity(match.start(), match.end(), values, _unit(unit), power, spelled=True))
    return sorted(found, key=lambda q: q.start)


def _unit(word: str) -> str:
    return _UNITS.get(word) or _MONEY.get(word, "")


def _number(match: re.Match[str]) -> Quantity:
    digits = re.sub(r"[\u00a0\u202f']", ",", match["digits"])
    scale = _SCALES.get((match["scale"] or "").lower(), 0)
    if match["scale"] in {"M", "B", "K", "m", "b", "k"} and not match["money"] and match["scale"] in {"m", "b"}:
        scale = 0  # metres, bytes
    values = frozenset(value * 10**scale for value in _readings(digits))
    money = (match["money"] or "").strip().lower()
    unit = _unit(money) or _unit((match["unit"] or "").lower())
    return Quantity(match.start("digits"), match.end(), values, unit, scale)


def _readings(digits: str) -> set[Decimal]:
    """Return what digits with points and commas may stand for, in English and elsewhere."""
    texts = {digits.replace(",", "")}
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+,\d{1,2}", digits):
        texts.add(digits.replace(".", "").replace(",", "."))
    found = set()
    for text in texts:
        try:
            found.add(Decimal(text))
        except InvalidOperation:
            continue  # 1.000.000 has no English reading
    return found


def _date(match: re.Match[str]) -> int | None:
    kind = match.lastgroup
    parts = [part for part in match.groups() if part is not None and part != match.group()]
    if kind == "iso":
        year, month, day = (int(part) for part in parts[:3])
    elif kind == "dots":
        day, month, year = (int(part) for part in parts[:3])
    else:
        named = [part for part in parts if not part.isdigit()]
        numbers = [int(part) for part in parts if part.isdigit()]
        month, day = MONTHS[named[0].lower()], numbers[0]
        year = numbers[1] if len(numbers) > 1 else 0
    return year * 10000 + month * 100 + day if 1 <= month <= 12 and 1 <= day <= 31 else None


def same(one: Quantity, other: Quantity) -> bool:
    """Whether a statement's quantity is another one: equal, or rounded where it says a scale (`83.0 billion`).

    A date without a year is every year's; units must be equal where both are known.
    """
    if one.date != other.date or (one.unit and other.unit and one.unit != other.unit):
        return False
    if one.date:
        a, b = (int(next(iter(q.values))) for q in (one, other))
        return a % 10000 == b % 10000 and (a // 10000 == b // 10000 or not (a // 10000 and b // 10000))
    if one.values & other.values:
        return True
    if one.scale < 6:
        return False
    return any(_rounded(a, b, one.scale) for a in one.values for b in other.values)


def _rounded(rounded: Decimal, exact: Decimal, scale: int) -> bool:
    digits = (rounded / Decimal(10) ** scale).as_tuple()
    exponent = digits.exponent if isinstance(digits.exponent, int) else 0
    step = Decimal(10) ** (scale + min(exponent, 0))
    return len(digits.digits) > 1 and abs(rounded - exact) <= step / 2
