"""The company of `users_load`: documents for all and for single departments, its people, and its model.

Every document says what things cost at one place, as one folder of the company has it. An amount tells by its last
digit which folder it is of, so that a reader can see by the text alone whether it was meant for somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.model_scripts import Asked, Reply, Script
from tests.fakes.pdf import make_pdf

COMMON = "common"  # the folder that everybody reads
DEPARTMENTS = ("finance", "legal", "sales", "works", "care")
FOLDERS = (COMMON, *DEPARTMENTS)
READERS = {
    "default": ["everyone"],
    "rules": [{"glob": f"{name}/**", "readers": [name]} for name in DEPARTMENTS],
}
TOPICS = {
    "lodging": ("hotel night", "guest flat", "hostel bed", "late checkout", "breakfast", "dinner"),
    "travel": ("train ticket", "taxi ride", "rental car", "flight upgrade", "seat booking", "bicycle"),
    "office": ("desk lamp", "office chair", "standing desk", "whiteboard", "locker", "desk fan"),
    "devices": ("laptop", "phone case", "headset", "monitor", "keyboard", "docking station"),
    "learning": ("language course", "textbook", "exam fee", "conference pass", "workshop", "coaching hour"),
    "parking": ("parking space", "charging session", "garage key", "car wash", "parking fine", "visitor pass"),
    "events": ("team lunch", "summer party", "meeting room", "projector", "stage microphone", "photo booth"),
    "post": ("courier trip", "parcel", "registered letter", "pallet", "customs form", "storage box"),
    "health": ("eye test", "flu shot", "gym card", "first aid kit", "massage", "safety shoe"),
    "software": ("editor licence", "mail account", "cloud server", "domain name", "backup plan", "map service"),
}
# fmt: off
CITIES = (
    "Lisbon", "Porto", "Madrid", "Sevilla", "Lyon", "Nantes", "Turin", "Genoa", "Vienna", "Graz", "Prague", "Brno",
    "Warsaw", "Gdansk", "Riga", "Tallinn", "Oslo", "Bergen", "Malmo", "Aarhus", "Hamburg", "Leipzig", "Ghent",
    "Utrecht", "Dublin", "Cork", "Leeds", "Bristol", "Athens", "Patras", "Sofia", "Varna", "Zagreb", "Split",
)
# fmt: on
_REMARKS = (
    "Receipts are handed in within {n} days, with the number of the order.",
    "Whoever needs more asks the team lead before anything is ordered.",
    "The desk at the entrance answers questions until {n} in the evening.",
    "Orders that are not used are given back after {n} weeks.",
    "Suppliers are changed every {n} months, and the list is kept in the portal.",
    "Nothing of this holds for guests, for whom the host decides.",
    "A form is filled in once a year, and signed by two people.",
)
FIRST_SECONDS, PIECE_SECONDS = 0.5, 0.025  # a model that begins after half a second and writes 40 tokens a second
NOT_THERE = "NOT_IN_DOCUMENTS: The documents do not say that."
_FACT = r"In {city} a {thing} costs at most [\d,]+ euros\."
_PARTS = re.compile(r"\[(?=\d+\]\s*<document (\w+)>)(\d+)\]\s*<document \1>(.*?)</document \1>", re.DOTALL)
_ASKED = re.compile(r"a ([a-z ]+?) (?:cost at most )?in ([A-Z][a-z]+)\?")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks.

    Attributes:
        id: of the account.
        groups: departments.
    """

    id: str
    groups: tuple[str, ...]

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders that the person may read."""
        return (COMMON, *self.groups)


def people(count: int) -> list[Person]:
    """Return so many people: each in a department, every third in another one too."""
    size = len(DEPARTMENTS)
    return [
        Person(f"p{at:03d}", tuple(DEPARTMENTS[(at + more) % size] for more in ((0, 2) if at % 3 == 0 else (0,))))
        for at in range(count)
    ]


def topics_of(folder: str) -> tuple[str, ...]:
    """Return what a folder's documents are about: all that there is in the common one, three in a department's."""
    names = tuple(TOPICS)
    if folder == COMMON:
        return names
    first = 2 * DEPARTMENTS.index(folder)
    return tuple(names[(first + at) % len(names)] for at in range(3))


def keys(folder: str, cities: int) -> Iterator[tuple[str, str, str]]:
    """Yield key, city and topic of a folder's documents; every fourth is a PDF."""
    for at, city in enumerate(CITIES[:cities]):
        for number, topic in enumerate(topics_of(folder)):
            kind = "pdf" if (at + number) % 4 == 0 else "md"
            yield f"{folder}/{city.lower()}-{topic}.{kind}", city, topic


def write(place: Path, cities: int) -> int:
    """Write the company's documents below a folder; return how many there are."""
    count = 0
    for folder in FOLDERS:
        (place / folder).mkdir(parents=True, exist_ok=True)
        for key, city, topic in keys(folder, cities):
            lines = list(_lines(folder, city, topic))
            title, half = f"{topic.capitalize()} in {city}", len(lines) // 2
            if key.endswith(".pdf"):
                pages = ([title, "", *lines[:half]], [f"More on {topic}", "", *lines[half:]])
                (place / key).write_bytes(make_pdf(pages, title=title))
            else:
                text = [f"# {title}", " ".join(lines[:half]), f"## More on {topic}", " ".join(lines[half:])]
                (place / key).write_text("\n\n".join(text) + "\n", encoding="utf-8")
            count += 1
    return count


def foreign_amounts(text: str, folders: Sequence[str]) -> list[str]:
    """Return the amounts in a text that are of none of these folders."""
    mine = {str(FOLDERS.index(folder)) for folder in folders}
    return [amount for amount in re.findall(r"at most ([\d,]+) euros", text) if amount[-1] not in mine]


def script() -> Script:
    """Return the company's model: it quotes what a thing costs, and what else stands there, from what it is given."""
    return Script(_rewritten, _answered, otherwise=Reply(NOT_THERE, first_seconds=FIRST_SECONDS))


def model_seconds(text: str) -> float:
    """Return how long the model takes for an answer by itself."""
    return FIRST_SECONDS + PIECE_SECONDS * (len(Reply(text).pieces) - 1)


def _lines(folder: str, city: str, topic: str) -> Iterator[str]:
    at = CITIES.index(city)
    for number, thing in enumerate(TOPICS[topic]):
        amount = 1000 + 10 * ((37 * at + 11 * number + 5 * len(topic)) % 800) + FOLDERS.index(folder)
        yield f"In {city} a {thing} costs at most {amount:,} euros."
        for more in range(2):
            remark = _REMARKS[(at + number * 2 + more + len(topic)) % len(_REMARKS)]
            yield remark.format(n=2 + (at + number + more) % 20)


def _rewritten(asked: Asked) -> Reply | None:
    """A follow-up question is to stand alone."""
    if "Rewrite the last question" not in asked.prompt:
        return None
    question = asked.last.rpartition("Last question:")[2].strip()
    found = _ASKED.search(question)
    told = f"What does a {found[1]} cost at most in {found[2]}?" if found else question
    return Reply(told, first_seconds=FIRST_SECONDS / 2, piece_seconds=PIECE_SECONDS)


def _answered(asked: Asked) -> Reply | None:
    found = _ASKED.search(asked.last.rstrip().rpartition("Question:")[2])
    if found is None:
        return None
    fact = re.compile(_FACT.format(city=found[2], thing=found[1]))
    for _, number, text in _PARTS.findall(asked.prompt):
        if told := fact.search(text):
            others = [one for one in re.findall(_FACT.format(city=found[2], thing="[a-z ]+"), text) if one != told[0]]
            sentences = [f"{one[:-1]} [{number}]." for one in (told[0], *others[:3])]
            return Reply(" ".join(sentences), first_seconds=FIRST_SECONDS, piece_seconds=PIECE_SECONDS)
    return None
