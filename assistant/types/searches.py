"""What a search found, and how: the passages with a trace of the stages that they went through."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.types.answers import Passage


@dataclass(frozen=True, slots=True)
class StageTrace:
    """What one stage of a search did.

    `before` and `after` count passages. `note` says in words what changed; empty where nothing did.
    """

    name: str
    milliseconds: float
    before: int
    after: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class SearchTrace:
    """The stages in their order. `warnings` say what was left out, such as a model that did not answer.

    `cached`: the passages come from an earlier search, whose stages these are, and were confirmed again.
    """

    stages: tuple[StageTrace, ...] = ()
    warnings: tuple[str, ...] = ()
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The passages, best first, and how they were found."""

    passages: tuple[Passage, ...]
    trace: SearchTrace
