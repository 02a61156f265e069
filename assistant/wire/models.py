"""The models that the assistant uses, as JSON."""

from __future__ import annotations

from pydantic import BaseModel, Field

from assistant.app.overseeing import ModelPart
from assistant.herd import Standing, Trial
from assistant.types import ServerLoad


class LoadJson(BaseModel):
    """How busy a model's server is."""

    at_work: int = Field(description="Answers that this process has written there now.")
    waiting: int = Field(description="Requests of this process that wait for their turn.")
    most: int = Field(description="So many answers this process lets be written at once.")
    running: int | None = Field(description="All requests that the server works on; null: it does not tell.")
    queued: int | None = Field(description="All that wait there; null: it does not tell.")
    cache: float | None = Field(description="Share of its key-value cache in use, 0 to 1; null: it does not tell.")

    @classmethod
    def of(cls, load: ServerLoad) -> LoadJson:
        """Return the JSON for the load."""
        return cls(**{field: getattr(load, field) for field in cls.model_fields})


class HerdModelJson(BaseModel):
    """A chat model: what the settings say of it, and what its server does."""

    key: str = Field(description="Its name in the settings.")
    url: str
    roles: list[str]
    groups: list[str] = Field(description="Whose members may use it; empty: everybody.")
    adapter_of: str = Field(description="The model that it adapts; empty: none.")
    reachable: bool
    name: str = Field(description="On its server; empty: not known.")
    server: str = Field(description="What kind of server it is; empty: not known.")
    context_tokens: int | None = Field(description="The longest prompt with its answer that the server takes now.")
    images_per_prompt: int | None
    tools: bool | None
    counting: str = Field(description="Who counts tokens: `server`, `tokenizer` or `estimate`; empty: not known.")
    origins: dict[str, str] = Field(description="Who said so: `discovered`, `configured` or `assumed`.")
    load: LoadJson | None
    error: str
    hint: str
    seconds: float = Field(description="That the server's answer took; next to nothing where it was known already.")

    @classmethod
    def of(cls, standing: Standing, url: str) -> HerdModelJson:
        """Return the JSON for how a model is."""
        profile, info, error = standing.member.profile, standing.info, standing.error
        return cls(
            key=profile.key,
            url=url,
            roles=sorted(profile.roles),
            groups=sorted(profile.groups),
            adapter_of=profile.adapter_of,
            reachable=info is not None,
            name=info.name if info else standing.member.model.name,
            server=info.server if info else "",
            context_tokens=info.context_tokens if info else None,
            images_per_prompt=info.images_per_prompt if info else None,
            tools=info.tools if info else None,
            counting=info.counting if info else "",
            origins=dict(info.origins) if info else {},
            load=None if standing.load is None else LoadJson.of(standing.load),
            error=error.message if error else "",
            hint=error.hint if error else "",
            seconds=standing.seconds,
        )


class ModelPartJson(BaseModel):
    """A model that the assistant loads by itself."""

    part: str = Field(description="`embedder`, `sparse_embedder`, `picture_embedder` or `reranker`.")
    name: str = Field(description="Empty: none is configured.")
    loaded: bool
    dimension: int | None
    device: str = Field(description="As the settings say; empty: the best one that is there.")

    @classmethod
    def of(cls, part: ModelPart) -> ModelPartJson:
        """Return the JSON for the part."""
        return cls(**{field: getattr(part, field) for field in cls.model_fields})


class ModelsJson(BaseModel):
    """All models, the chat models in the order of the settings."""

    herd: list[HerdModelJson]
    parts: list[ModelPartJson]
    checked_at: float


class TrialJson(BaseModel):
    """The end of a trial."""

    model: str
    first_seconds: float | None = Field(description="From the request to the first piece; null: nothing came.")
    seconds: float
    prompt_tokens: int | None
    answer_tokens: int | None
    cached_tokens: int | None
    tokens_per_second: float | None = Field(description="From the first piece to the last.")
    finish: str

    @classmethod
    def of(cls, trial: Trial) -> TrialJson:
        """Return the JSON for the trial."""
        return cls(**{field: getattr(trial, field) for field in cls.model_fields})
