"""What a search may be narrowed to, and how it was done, as JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import BaseModel, Field

from assistant.errors import ConfigurationError
from assistant.parsing.media_types import media_types_of
from assistant.types import Filters, SearchTrace

_LANGUAGE = re.compile(r"[a-z]{2}")


class FiltersJson(BaseModel):
    """Only documents that fit all of it are searched; what is left out narrows nothing."""

    sources: list[str] | None = Field(None, description="Only these sources; null: all.")
    types: list[str] = Field(default_factory=list, description="Only files of these types: `pdf`, `application/pdf`.")
    paths: list[str] = Field(
        default_factory=list, description="Only what lies in these folders or archives, or is this: `hr/policies`."
    )
    languages: list[str] = Field(default_factory=list, description="Only these languages, as ISO 639-1: `de`.")
    after: str = Field("", description="Only what was changed on this day or later: `2024-01-01`.")
    before: str = Field("", description="Only what was changed before this day: `2025-01-01`.")

    def filters(self) -> Filters:
        """Return the filters.

        Raises:
            ConfigurationError: a type or a language is unknown, or a date is none, or nothing can lie between the two.
        """
        made = Filters(
            sources=None if self.sources is None else tuple(self.sources),
            media_types=tuple(dict.fromkeys(one for name in self.types for one in _media_types(name))),
            paths=tuple(self.paths),
            languages=tuple(map(_language, self.languages)),
            modified_from=self.after,
            modified_until=self.before,
        )
        since, until = made.period
        if since is not None and until is not None and since >= until:
            raise ConfigurationError(
                f"nothing was changed after {self.after} and before {self.before}", "put the earlier day in `after`"
            )
        return made


def _media_types(name: str) -> Sequence[str]:
    found = media_types_of(name)
    if not found:
        raise ConfigurationError(
            f"there is no type {name!r}", "name a file ending such as pdf, docx or md, or a media type"
        )
    return found


def _language(name: str) -> str:
    code = name.strip().lower()
    if not _LANGUAGE.fullmatch(code):
        raise ConfigurationError(f"{name!r} is no language", "name one by two letters (ISO 639-1): en, de, fr")
    return code


class StageJson(BaseModel):
    """What one stage of a search did."""

    name: str
    milliseconds: float
    before: int = Field(description="Passages that it got.")
    after: int = Field(description="Passages that it passed on.")
    note: str


class TraceJson(BaseModel):
    """How a search was done, stage by stage."""

    stages: list[StageJson]
    warnings: list[str] = Field(description="What was left out, such as a model that did not answer.")
    cached: bool = Field(description="An earlier search's result, which was confirmed again; the stages are its own.")

    @classmethod
    def of(cls, trace: SearchTrace) -> TraceJson:
        """Return the JSON for the trace."""
        stages = [
            StageJson(name=s.name, milliseconds=round(s.milliseconds, 3), before=s.before, after=s.after, note=s.note)
            for s in trace.stages
        ]
        return cls(stages=stages, warnings=list(trace.warnings), cached=trace.cached)
