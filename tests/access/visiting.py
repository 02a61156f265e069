"""A person who looks at documents, and the list of all ways on which somebody may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.access.house import COMMON, House
from tests.access.oracle import Identity, Person


@dataclass(frozen=True)
class Visit:
    """A person who looks.

    Attributes:
        house: where.
        person: who; signed in.
        document: which one is asked for by its key, where one is: there or gone, readable or not.
        talk: a conversation's id, of whoever.
        question: which words are searched for.
    """

    house: House
    person: Person
    document: Identity
    talk: str = ""
    question: str = f"What is the {COMMON} code?"


Path = Callable[[Visit], str]
CHEAP: dict[str, Path] = {}
DEAR: dict[str, Path] = {}
COVERS: dict[str, tuple[str, ...]] = {}


def way(*covers: str, dear: bool = False) -> Callable[[Path], Path]:
    """Add a way that goes through these."""

    def add(path: Path) -> Path:
        (DEAR if dear else CHEAP)[path.__name__] = path
        COVERS[path.__name__] = covers
        return path

    return add


def got(visit: Visit, path: str, **query: Any) -> str:
    return visit.house.client.get(path, params=query).text


def addressed(visit: Visit, path: str, **query: Any) -> str:
    """Return what is shown of the document; a refusal has to be that for a document that is not there."""
    source, key = visit.document
    answer = visit.house.client.get(path, params={"source": source, "key": key, **query})
    if answer.status_code == 401:
        return ""
    if answer.status_code != 404:
        return f"{key} {answer.text}"
    missing = f"{key}.there-is-none"
    other = visit.house.client.get(path, params={"source": source, "key": missing, **query})
    assert (other.status_code, other.text.replace(missing, key)) == (404, answer.text), "a refusal tells what is there"
    return answer.text.replace(key, "")
