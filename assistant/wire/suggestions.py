"""What could be asked, what a question would read, and what it can be narrowed to, as JSON."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pydantic import BaseModel, Field

from assistant.answer.estimating import Estimate
from assistant.catalog import Share
from assistant.conversations.suggesting import Suggestion
from assistant.parsing.media_types import short_type
from assistant.wire.answers import AnnouncedJson
from assistant.wire.documents import DocumentJson


class SuggestionJson(BaseModel):
    """Something to ask about."""

    document: DocumentJson
    heading: str = Field(description="A section of the document; empty: the whole of it.")


class SuggestionsJson(BaseModel):
    """What could be asked; the words are for whoever shows it to choose."""

    suggestions: list[SuggestionJson]

    @classmethod
    def of(cls, found: Sequence[Suggestion]) -> SuggestionsJson:
        """Return the JSON for the suggestions."""
        return cls(
            suggestions=[SuggestionJson(document=DocumentJson.of(one.ref), heading=one.heading) for one in found]
        )


class WithinJson(BaseModel):
    """All that the user may read within the filters."""

    documents: int
    tokens: int = Field(description="As the embedder counts them; a model counts a little otherwise.")


class EstimateJson(BaseModel):
    """What an answer would read."""

    within: WithinJson
    plan: AnnouncedJson | None = Field(description="As it would be announced; null where nothing was asked yet.")

    @classmethod
    def of(cls, made: Estimate) -> EstimateJson:
        """Return the JSON for the estimate."""
        plan = None if made.plan is None else AnnouncedJson.announced(made.plan)
        return cls(within=WithinJson(documents=made.documents, tokens=made.tokens), plan=plan)


class ScopeSourceJson(BaseModel):
    """A source of which the user may read something."""

    name: str
    documents: int
    tokens: int
    own: bool = Field(description="These are the user's own uploads.")


class ScopeTypeJson(BaseModel):
    """A type of files."""

    type: str = Field(description="As `types` of a question takes it: `pdf`.")
    documents: int


class ScopeFolderJson(BaseModel):
    """A folder, an archive or a mail."""

    source: str
    path: str = Field(description="As `paths` of a question takes it: `hr/policies`.")
    documents: int


class ScopeJson(BaseModel):
    """What a question can be narrowed to."""

    sources: list[ScopeSourceJson]
    types: list[ScopeTypeJson]
    folders: list[ScopeFolderJson] = Field(description="Of the two highest levels, the fullest first.")
    more_folders: bool = Field(description="There are more than these; `paths` takes them all the same.")

    @classmethod
    def of(
        cls, sources: Sequence[Share], types: Sequence[Share], folders: Sequence[Share], most: int, own: Collection[str]
    ) -> ScopeJson:
        """Return the JSON.

        Args:
            sources, types: all of them.
            folders: one more than `most`, where there are more.
            most: how many folders are shown.
            own: names of sources that hold the user's own uploads.
        """
        shorts: dict[str, int] = {}
        for share in types:
            short = short_type(share.name)
            shorts[short] = shorts.get(short, 0) + share.documents
        return cls(
            sources=[
                ScopeSourceJson(name=one.name, documents=one.documents, tokens=one.tokens, own=one.name in own)
                for one in sources
            ],
            types=[ScopeTypeJson(type=short, documents=documents) for short, documents in shorts.items() if short],
            folders=[
                ScopeFolderJson(source=one.source, path=one.name, documents=one.documents) for one in folders[:most]
            ],
            more_folders=len(folders) > most,
        )
