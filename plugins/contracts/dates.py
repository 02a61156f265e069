"""Finds dates and periods in a sentence of a contract, in English and German, and makes them sortable."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january januar jan",
            "february februar feb",
            "march märz mar",
            "april apr",
            "may mai",
            "june juni jun",
            "july juli jul",
            "august aug",
            "september sept sep",
            "october oktober oct okt",
            "november nov",
            "december dezember dec dez",
        ),
        start=1,
    )
    for name in names.split()
}
_NUMBERS = {
    word: number
    for number, words in {
        1: "one a an ein eine einem einer eines",
        2: "two zwei",
        3: "three drei",
        4: "four vier",
        5: "five fünf",
        6: "six sechs",
        7: "seven sieben",
        8: "eight acht",
        9: "nine neun",
        10: "ten zehn",
        12: "twelve zwölf",
        14: "fourteen vierzehn",
        15: "fifteen fünfzehn",
        18: "eighteen achtzehn",
        20: "twenty zwanzig",
        24: "twenty-four vierundzwanzig",
        28: "achtundzwanzig",
        30: "thirty dreißig",
        36: "thirty-six sechsunddreißig",
        45: "forty-five",
        60: "sixty sechzig",
        90: "ninety neunzig",
        120: "one-hundred-twenty",
        180: "one-hundred-eighty",
    }.items()
    for word in words.split()
}
_DAYS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.4, "quarter": 91.3, "year": 365.25}
_UNITS = {
    "hour": r"hours?|stunden?",
    "day": r"days?|tage?[ns]?|(?:werk|arbeits|bank|kalender)tage?n?s?",
    "week": r"weeks?|wochen?",
    "month": r"months?|(?:kalender)?monate?[ns]?|monats",
    "quarter": r"quarters?|quartale?n?s?",
    "year": r"years?|(?:kalender|vertrags)?jahre?[ns]?",
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = re.compile(
    rf"\b(?P<iso>\d{{4}}-\d\d-\d\d)\b"
    rf"|\b(?P<point>\d{{1,2}}\.\s?\d{{1,2}}\.\s?\d{{4}})\b"
    rf"|\b(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH})\.?,?\s+(?P<year>\d{{4}})\b"
    rf"|\b(?P<month2>{_MONTH})\.?\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year2>\d{{4}})\b",
    re.IGNORECASE,
)
_NUMBER = "|".join(sorted(map(re.escape, _NUMBERS), key=len, reverse=True))
_UNIT = "|".join(f"(?P<{name}>{words})" for name, words in _UNITS.items())
_PERIOD = re.compile(
    rf"\b(?P<number>\d{{1,4}}|{_NUMBER})\s*[\]*]*\s*(?:\(\s*\w+\s*\)\s*)?"
    rf"(?:full\s+|volle[nr]?\s+|consecutive\s+|working\s+|business\s+|calendar\s+|banking\s+)?(?:{_UNIT})\b",
    re.IGNORECASE,
)
_WORKING = re.compile(r"working|business|banking|werktag|arbeitstag|banktag", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Due:
    """A date or a period in a text.

    Attributes:
        text: as it stands there.
        start, end: where.
        day: the date; empty for a period.
        days: about how long the period is, in days; 0 for a date.
        shown: in a form of its own: `2027-01-31`, `30 days`, `5 working days`.
    """

    text: str
    start: int
    end: int
    day: str
    days: float
    shown: str

    @property
    def order(self) -> tuple[int, str, float]:
        """Sorts dates first, by day, then periods by their length."""
        return (0, self.day, 0.0) if self.day else (1, "", self.days)


def dues_of(text: str) -> list[Due]:
    """Return all dates and periods of a text in order; what is no date of the calendar is left out."""
    found = [due for match in _DATE.finditer(text) if (due := _date(match)) is not None]
    found += [_period(match) for match in _PERIOD.finditer(text)]
    return sorted(found, key=lambda due: due.start)


def _date(match: re.Match[str]) -> Due | None:
    try:
        if match["iso"]:
            day = date.fromisoformat(match["iso"])
        elif match["point"]:
            first, second, third = (int(part) for part in match["point"].split("."))
            day = date(third, second, first)
        else:
            month = match["month"] or match["month2"]
            day = date(int(match["year"] or match["year2"]), _MONTHS[month.lower()], int(match["day"] or match["day2"]))
    except ValueError:
        return None
    return Due(match.group(), match.start(), match.end(), day.isoformat(), 0.0, day.isoformat())


def _period(match: re.Match[str]) -> Due:
    unit = next(name for name in _UNITS if match[name])
    given = match["number"].lower()
    number = int(given) if given.isdigit() else _NUMBERS[given]
    working = "working " if unit == "day" and _WORKING.search(match.group()) else ""
    shown = f"{number} {working}{unit}{'' if number == 1 else 's'}"
    return Due(match.group(), match.start(), match.end(), "", number * _DAYS[unit], shown)
