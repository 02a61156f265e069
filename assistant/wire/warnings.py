"""Documents that read like orders to an assistant as JSON, without a word of theirs."""

from __future__ import annotations

from pydantic import BaseModel, Field

from assistant.catalog import SuspicionRecord


class WarningJson(BaseModel):
    """A document that reads like orders to an assistant, or hides text; who may not read it is told no more."""

    source: str
    key: str
    score: float = Field(description="0 to 1; from 0.5 on, people and models are warned.")
    signs: dict[str, int] = Field(description="What was met, and how often; `hidden:KIND` counts hidden characters.")
    flagged: bool = Field(description="Whether people and models are warned of it now.")
    found_at: float = Field(description="Seconds since the epoch, UTC.")
    reviewed_at: float | None = Field(description="When somebody looked at it; null: nobody did.")
    reviewed_by: str

    @classmethod
    def of(cls, record: SuspicionRecord) -> WarningJson:
        """Return the JSON for the record."""
        return cls(
            source=record.source,
            key=record.key,
            score=record.score,
            signs=dict(record.signs),
            flagged=record.flagged,
            found_at=record.found_at,
            reviewed_at=record.reviewed_at,
            reviewed_by=record.reviewed_by,
        )


class WarningsJson(BaseModel):
    """Such documents, the highest score first."""

    warnings: list[WarningJson]
