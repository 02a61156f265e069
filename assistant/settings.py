"""Every setting of the assistant, and the only place that reads the environment.

A value comes from, in this order: an explicit argument, an `ASSISTANT_…` variable, the TOML file
(`ASSISTANT_CONFIG`, else `assistant.toml` in the home), the default.
"""

from __future__ import annotations

import os
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from assistant.errors import SettingsError

__all__ = ["PREFIX", "Settings", "SettingsError", "load_settings"]

PREFIX = "ASSISTANT_"


def _default_home() -> Path:
    return Path(os.environ.get(f"{PREFIX}HOME") or Path.home() / ".assistant").expanduser()


def _default_cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).expanduser() / "assistant"


def _config_file() -> Path | None:
    named = os.environ.get(f"{PREFIX}CONFIG")
    if named:
        path = Path(named).expanduser()
        if not path.is_file():
            raise SettingsError(f"the settings file {path} does not exist", f"correct or unset {PREFIX}CONFIG")
        return path
    path = _default_home() / "assistant.toml"
    return path if path.is_file() else None


class Settings(BaseSettings):
    """Everything that can be set. Each field is also the variable `ASSISTANT_` + its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, validate_default=True
    )

    home: Path = Field(default_factory=_default_home, description="Folder that holds all data of this assistant.")
    config: Path | None = Field(None, description="TOML file with settings; default `assistant.toml` in the home.")
    cache: Path = Field(
        default_factory=_default_cache,
        description="Folder for what can be made again: the exported embedding model. Shared by all homes.",
    )

    catalog_url: str = Field("", description="SQLAlchemy URL of the catalog; empty: SQLite in the home.")
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Key of the catalog's secrets, older ones after commas; empty: the file `secret.key` in the home.",
    )
    index: Literal["edge", "qdrant"] = Field("edge", description="Qdrant's engine in-process, or a Qdrant server.")
    qdrant_url: str = Field("", description="URL of the Qdrant server, for `index = qdrant`.")
    qdrant_api_key: SecretStr = Field(SecretStr(""), description="API key of the Qdrant server.")
    qdrant_collection: str = Field("assistant", description="Collection that holds the chunks on a Qdrant server.")

    embedder: str = Field(
        "onnx",
        description="`onnx`: all-MiniLM-L6-v2 on ONNX Runtime; else the name or path of a sentence-transformers model.",
    )
    embedder_precision: Literal["int8", "fp32"] = Field("int8", description="Arithmetic of the ONNX embedder.")
    embedder_device: str = Field("", description="Device of a sentence-transformers model, e.g. `cuda`; empty: auto.")
    picture_embedder: str = Field(
        "", description="Name or path of a CLIP or SigLIP model, so that words and pictures find pictures; empty: none."
    )
    vision_url: str = Field(
        "", description="Base URL of an OpenAI-compatible server whose model describes pictures; empty: none."
    )
    vision_model: str = Field("", description="The vision model's name on that server.")
    vision_api_key: SecretStr = Field(SecretStr(""), description="API key of that server.")
    threads: int = Field(0, ge=0, description="CPU threads for embedding; 0: the cores this process may use.")

    chunk_tokens: int = Field(200, ge=32, le=8192, description="Longest chunk, in the embedder's tokens.")
    max_document_bytes: int = Field(100_000_000, ge=1, description="A larger file is refused with a clear reason.")
    upload_quota_mb: int = Field(
        1024, ge=0, description="How much the files that a person uploads may have together, in MB; 0: any amount."
    )
    parse_seconds: float = Field(120, gt=0, description="Wall-clock limit for parsing one document.")
    parse_memory_mb: int = Field(2048, ge=256, description="Memory limit of a parser process.")
    parse_workers: int = Field(0, ge=0, description="Parser processes; 0: one less than the cores, at least one.")

    context_budget: int = Field(10_000_000, ge=1, description="Ceiling of tokens that a question may put in context.")
    answer_mode: Literal["auto", "chunks", "documents", "corpus"] = Field(
        "auto", description="How a question is answered unless it says otherwise."
    )
    fusion: Literal["scores", "ranks", "meaning", "words"] = Field(
        "scores", description="How search by meaning and by words are put together, or which of them is used alone."
    )
    exact_terms: bool = Field(
        True, description="Codes, paths, numbers and names of files are found as they are written."
    )
    weigh_by_familiarity: bool = Field(
        True, description="The less the embedder knows a query's words, the more the search by words counts."
    )
    literal_matches: bool = Field(True, description="Lift passages that have a query's words in a row.")
    search_limit: int = Field(10, ge=1, le=1000, description="Hits of a search unless it says otherwise.")

    host: str = Field("127.0.0.1", description="Address the API and the UI listen on. Without sign-in: loopback only.")
    port: int = Field(8090, ge=0, le=65535, description="Port of the API.")
    ui_port: int = Field(8091, ge=0, le=65535, description="Port of the web UI.")
    api_url: str = Field("", description="Where the UI reaches the API; empty: the host and port above.")

    broker_url: str = Field("memory://", description="Celery's broker; `memory://` runs the worker inside the API.")
    worker_threads: int = Field(2, ge=1, description="Parsing tasks at once in one process that works.")
    tasks_at_once: int = Field(8, ge=1, description="Tasks at once of each kind over all worker processes of a broker.")
    most_prepared: int = Field(1000, ge=1, description="Documents that wait to be embedded before parsing pauses.")
    sync_batch: int = Field(64, ge=1, description="Documents that `assistant ingest` takes at a time.")
    reconcile_seconds: float = Field(30, gt=0, description="How often unfinished jobs are looked for.")
    lease_seconds: float = Field(300, gt=0, description="How long a job belongs to the worker that took it.")
    retry_seconds: float = Field(60, gt=0, description="Wait before what failed is tried again; doubled each time.")
    retry_most: int = Field(8, ge=0, description="How often something that failed is tried again by itself.")
    runs_keep_days: float = Field(90, gt=0, description="How long the records of runs are kept.")

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least severe level logged.")
    log_format: Literal["text", "json"] = Field("text", description="Log lines for people or for machines.")

    @field_validator("home", "cache")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the TOML file below the environment (pydantic-settings' hook)."""
        del dotenv_settings, file_secret_settings  # neither is a source here: one file, one prefix
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=_config_file()))

    @cached_property
    def catalog(self) -> str:
        """The catalog's URL, with the default filled in."""
        return self.catalog_url or f"sqlite:///{self.home / 'catalog.sqlite3'}"

    @cached_property
    def api_base(self) -> str:
        """The API's base URL as the UI calls it."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 (compared, not bound)
        return self.api_url or f"http://{url_host(host)}:{self.port}"


def url_host(host: str) -> str:
    """Return an address as URLs write it: one of IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def load_settings(**overrides: Any) -> Settings:
    """Read the settings, with `overrides` above everything else.

    Raises:
        SettingsError: a value is wrong; the message names the setting, where it may come from and the cause.
    """
    try:
        return Settings(**overrides)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"the settings file {_config_file()} is not valid TOML: {error}", "correct it") from error
    except OSError as error:
        raise SettingsError(f"the settings file cannot be read: {error.strerror}: {error.filename}") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "?"
        path = _config_file()
        origin = f"{PREFIX}{name.upper()}" + (f" or {path}" if path else "")
        raise SettingsError(f"setting {name!r}: {first['msg'].lower()}", f"check {origin}") from error
