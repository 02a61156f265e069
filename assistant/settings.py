"""Every setting of the assistant, and the only place that reads the environment.

A value comes from, in this order: an explicit argument, an `ASSISTANT_…` variable, the TOML file
(`ASSISTANT_CONFIG`, else `assistant.toml` in the home), the default.
"""

from __future__ import annotations

import contextlib
import os
import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as UnreadableValueError

from assistant.errors import SettingsError
from assistant.listed_settings import Names, Paths
from assistant.model_settings import AdapterSettings, ModelRole, ModelSettings

__all__ = ["PREFIX", "AdapterSettings", "ModelRole", "ModelSettings", "Settings", "SettingsError", "load_settings"]

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


_NO_MORE = {
    "vision": "give a model of [models] the role `vision`, and set `describe_pictures`",
    "judge": "give a model of [models] the role `teacher`",
    "expander": "give a model of [models] the role `fast`, and set `reword_questions`",
}


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
    sparse_embedder: str = Field(
        "",
        description="Name or path of a learned sparse model (SPLADE) that weighs words in a third search; empty: none.",
    )
    picture_embedder: str = Field(
        "", description="Name or path of a CLIP or SigLIP model, so that words and pictures find pictures; empty: none."
    )
    describe_pictures: bool = Field(
        False, description="Whether the model with the role `vision` describes documents' pictures, for the search."
    )
    model_url: str = Field(
        "",
        description="Base URL of a chat model's server (OpenAI-compatible), which writes the answers; empty: sentences "
        "of the documents are quoted.",
    )
    model_name: str = Field("", description="The model's name on that server; empty: the only one there.")
    model_api_key: SecretStr = Field(SecretStr(""), description="API key of that server.")
    model_context_tokens: int = Field(
        0, ge=0, description="Longest context to use, or the served one where the server does not say; 0: as it says."
    )
    models: dict[str, ModelSettings] = Field(
        {}, description="Several models instead, a table `[models.NAME]` each; see models.md."
    )
    tools: dict[str, dict[str, Any]] = Field(
        {}, repr=False, description="Tools with a configuration, a table `[tools.NAME]` each; see tools.md."
    )
    model_requests: int = Field(32, ge=1, description="Answers that a model server writes at once for one process.")
    model_waiting: int = Field(64, ge=0, description="Requests that wait for a model server before more are refused.")
    model_tries: int = Field(3, ge=1, description="How often a model server is asked while nothing of an answer came.")
    model_connect_seconds: float = Field(5, gt=0, description="How long a connection to a model server may take.")
    model_first_seconds: float = Field(300, gt=0, description="How long the first piece of an answer may take.")
    model_between_seconds: float = Field(60, gt=0, description="How long each further piece may take.")
    model_total_seconds: float = Field(1800, gt=0, description="How long a whole answer may take.")
    threads: int = Field(0, ge=0, description="CPU threads for embedding; 0: the cores this process may use.")

    chunk_tokens: int = Field(200, ge=32, le=8192, description="Longest chunk, in the embedder's tokens.")
    max_document_bytes: int = Field(100_000_000, ge=1, description="A larger file is refused with a clear reason.")
    upload_quota_mb: int = Field(
        1024, ge=0, description="How much the files that a person uploads may have together, in MB; 0: any amount."
    )
    parse_seconds: float = Field(120, gt=0, description="Wall-clock limit for parsing one document.")
    parse_memory_mb: int = Field(2048, ge=256, description="Memory limit of a parser process.")
    parse_workers: int = Field(0, ge=0, description="Parser processes; 0: one less than the cores, at least one.")

    agent_steps: int = Field(
        8, ge=0, le=50, description="How often a model may ask for calls of tools in an answer; 0: it is given none."
    )
    agent_tokens: int = Field(
        32_000, ge=500, description="Tokens that calls and their results may take of a prompt at most, in one answer."
    )
    agent_seconds: float = Field(300, gt=0, description="How long an answer may go on calling tools.")
    tool_result_tokens: int = Field(8_000, ge=100, description="A longer result of a tool is cut, and says so.")
    tool_seconds: float = Field(60, gt=0, description="How long a call of a tool may take.")

    plugins_folder: Path | None = Field(
        None, description="Folder with plugins that are not installed packages; empty: `plugins` in the home."
    )
    plugin_seconds: float = Field(
        120, gt=0, description="How long a plugin in a process of its own may take to answer."
    )
    plugin_memory_mb: int = Field(1024, ge=128, description="Memory limit of a plugin's process.")

    context_budget: int = Field(10_000_000, ge=1, description="Ceiling of tokens that a question may put in context.")
    context_auto: int = Field(
        200_000, ge=1, description="Tokens that `auto` puts in context at most; other modes go up to the ceiling."
    )
    answer_tokens: int = Field(2048, ge=16, description="Longest answer of a model, in its tokens.")
    answer_pictures: int = Field(
        5, ge=0, description="Pictures of documents that a model is shown for a question at most; 0: none."
    )
    question_attachments: int = Field(4, ge=0, description="Pictures that a person may attach to a question; 0: none.")
    attachment_bytes: int = Field(10_000_000, ge=1, description="A larger attached picture is refused.")
    question_cost: float = Field(
        0, ge=0, description="What a question may cost at most, in the unit of the models' costs; 0: anything."
    )
    answer_mode: Literal["auto", "chunks", "documents", "corpus"] = Field(
        "auto", description="How a question is answered unless it says otherwise."
    )
    history_tokens: int = Field(
        4000, ge=0, description="Tokens of a conversation's earlier turns that a follow-up is answered with at most."
    )
    answers_at_once: int = Field(
        64, ge=1, description="Answers to chats, /api/ask and /v1 that one process writes at once."
    )
    undo_hours: float = Field(24, ge=0, description="How long a deleted conversation can be restored.")
    conversation_days: float = Field(
        0, ge=0, description="Days after which a conversation that nobody went on with is deleted; 0: it is kept."
    )
    feedback_days: float = Field(0, ge=0, description="Days after which feedback on answers is removed; 0: it is kept.")
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
    search_merge_duplicates: bool = Field(
        True, description="Whether a text that stands in several documents is found once, the newest version first."
    )
    search_prefer_recent: bool = Field(
        True, description="Whether newer documents come forward where a question asks for what is new."
    )
    search_per_document: int = Field(
        0, ge=0, description="Passages of one document before those of others; 0: any number."
    )
    search_cache: int = Field(1000, ge=0, description="Searches whose results are kept; 0: none.")
    search_cache_seconds: float = Field(60, gt=0, description="How long the result of a search is kept.")
    reranker: str = Field(
        "", description="Name or path of a cross-encoder that puts the best passages in order; empty: none."
    )
    reranker_device: str = Field("", description="Device of the reranker, e.g. `cuda`; empty: auto.")
    rerank_top: int = Field(30, ge=1, le=1000, description="Passages that the reranker reads for a question.")
    reword_questions: bool = Field(
        False, description="Whether the model with the role `fast` says each question in other words, for the search."
    )

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
    webhook_hosts: Names = Field(
        (), description="Hosts, with commas between, that webhooks may reach in a private network, and without TLS."
    )
    webhook_tries: int = Field(10, ge=1, description="How often an event is sent to a webhook that does not take it.")
    webhook_days: float = Field(30, gt=0, description="How long the records of what webhooks were sent are kept.")
    audit_days: float = Field(365, gt=0, description="How long the entries of the audit log are kept.")
    audit_questions: bool = Field(
        False, description="Whether the audit log keeps the text of questions and searches, encrypted per person."
    )
    quality_questions: bool = Field(
        False,
        description="Whether admins read questions without a good answer, not who asked them; see evaluation.md.",
    )
    trusted_proxies: str = Field(
        "", description="Proxies (addresses, networks), and the UI's address, whose `X-Forwarded-For` is believed."
    )

    sign_in: Literal["none", "accounts"] = Field(
        "none",
        description="`none`: whoever is at this machine is the operator, and only loopback is listened on; `accounts`: "
        "people sign in.",
    )
    sign_in_passwords: bool = Field(True, description="Whether passwords sign in, beside an identity provider.")
    oidc_issuer: str = Field(
        "", description="Address of the company's identity provider (OpenID Connect), as it names itself; empty: none."
    )
    oidc_client_id: str = Field("", description="As what the assistant is registered there.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Its secret there; empty: a public client.")
    oidc_scopes: Names = Field(
        ("openid", "profile", "email"), description="Scopes that are asked for; some providers say groups for one more."
    )
    oidc_groups_claim: str = Field(
        "groups", description="The claim with a person's groups; dots lead into it, e.g. `realm_access.roles`."
    )
    oidc_id_claim: str = Field(
        "",
        description="The claim that becomes a new person's id; empty: `preferred_username`, else `sub`. Where it is "
        "set, it also finds accounts that SCIM made: choose one that people cannot change.",
    )
    oidc_name: str = Field("your company account", description="What people know it as: 'Sign in with …'.")
    oidc_create: bool = Field(True, description="Whether who signs in for the first time becomes a person here.")
    oidc_admin_groups: Names = Field((), description="Groups there whose members are admins here, with commas between.")
    oidc_auditor_groups: Names = Field((), description="The same of auditors.")
    session_hours: float = Field(12, gt=0, le=720, description="For how long a sign-in in a browser is good at most.")
    session_idle_minutes: float = Field(
        120, gt=0, le=43_200, description="After how long without a request a sign-in in a browser ends."
    )
    public_url: str = Field(
        "",
        description="Where people's browsers reach the assistant, e.g. `https://assistant.corp.example`; empty: at "
        "`host`.",
    )

    admin_folders: Paths = Field(
        (),
        description="Folders of this machine, with commas between, that admins may name in sources and tools, with all "
        "below; the operator may name any.",
    )
    break_glass: bool = Field(
        True,
        description="Whether admins may open a document that no grant lets them read, for up to an hour, for a reason "
        "that is kept; see rights.md.",
    )

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least severe level logged.")
    log_format: Literal["text", "json"] = Field("text", description="Log lines for people or for machines.")
    otlp_url: str = Field(
        "", description="OpenTelemetry collector that traces are sent to, e.g. `http://collector:4318`; empty: none."
    )
    otlp_headers: SecretStr = Field(SecretStr(""), description="Headers for it: `name=value`, with commas between.")
    trace_sample: float = Field(1, ge=0, le=1, description="The part of the traces that is kept; 1: all.")
    trace_content: bool = Field(False, description="Whether traces hold questions and answers; see monitoring.md.")

    @field_validator("home", "cache")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer(cls, issuer: str, info: ValidationInfo) -> str:
        parts = urlsplit(issuer)
        if issuer and parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError("it begins with https://, unless it is on this machine")
        if not issuer and info.data.get("sign_in") == "accounts" and not info.data.get("sign_in_passwords"):
            raise ValueError("without passwords people sign in at an identity provider: name one")
        return issuer

    @field_validator("oidc_client_id")
    @classmethod
    def _registered(cls, client: str, info: ValidationInfo) -> str:
        if info.data.get("oidc_issuer") and not client:
            raise ValueError("the identity provider has to know the assistant: name the id that it has there")
        return client

    @field_validator("models")
    @classmethod
    def _herd(cls, models: dict[str, ModelSettings], info: ValidationInfo) -> dict[str, ModelSettings]:
        if models and info.data.get("model_url"):
            raise ValueError("model_url is set as well: put that model into a table of its own, or leave [models] out")
        adapters = [name for model in models.values() for name in model.adapters]
        twice = sorted({name for name in adapters if adapters.count(name) > 1 or name in models})
        if twice:
            raise ValueError(f"two models or adapters have the name {twice[0]!r}")
        if models and not any("answer" in model.roles for model in models.values()):
            raise ValueError("none of the models has the role 'answer'")
        return models

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
    _refuse_former(overrides)
    try:
        return Settings(**overrides)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"the settings file {_config_file()} is not valid TOML: {error}", "correct it") from error
    except OSError as error:
        raise SettingsError(f"the settings file cannot be read: {error.strerror}: {error.filename}") from error
    except UnreadableValueError as error:
        raise SettingsError(f"a setting is no JSON: {error}", "check the variable that it names") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "?"
        path = _config_file()
        origin = f"{PREFIX}{name.partition('.')[0].upper()}" + (f" or {path}" if path else "")
        raise SettingsError(f"setting {name!r}: {first['msg'].lower()}", f"check {origin}") from error


def _refuse_former(overrides: Mapping[str, Any]) -> None:
    """Say what takes the place of settings that there are no more. Raises SettingsError."""
    variables = (name.upper() for name, value in os.environ.items() if value)
    given = {name.removeprefix(PREFIX).lower() for name in variables if name.startswith(PREFIX)} | {*overrides}
    with contextlib.suppress(OSError, ValueError):  # what is wrong with the file is said where it is read
        if (path := _config_file()) is not None:
            given |= tomllib.loads(path.read_text(encoding="utf-8")).keys()
    for task, instead in _NO_MORE.items():
        for name in (f"{task}_url", f"{task}_model", f"{task}_api_key"):
            if name in given:
                raise SettingsError(f"there is no setting {name!r} any more", instead)
