"""The checks behind `assistant doctor`."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from tempfile import TemporaryDirectory
from typing import Literal

from pydantic import BaseModel

from assistant.adapters.recall import LEAST
from assistant.app import App, build
from assistant.app.models import licence_note
from assistant.catalog import masked, revealed
from assistant.catalog.database import Database, unopened
from assistant.catalog.schema import standing
from assistant.cli.mending import Found, exposed, exposed_elsewhere, repairs, schema_behind, unfinished_restore
from assistant.cli.wording import counted
from assistant.errors import AssistantError, BrokerUnavailableError, HomeInUseError
from assistant.herd import Member
from assistant.settings import Settings, load_settings
from assistant.types import LOCAL_OPERATOR

_LOW_DISK = 1 << 30
_RECALL_SAMPLE = 30
_BROKER_SECONDS = 5.0


class Check(BaseModel):
    """One finding; `broken`: must be mended; `warning`: should be; `mended`: was just now."""

    name: str
    state: Literal["ok", "warning", "broken", "mended"]
    detail: str
    hint: str = ""


class DoctorJson(BaseModel):
    """All findings."""

    checks: list[Check]


def examine(*, fix: bool = False) -> DoctorJson:
    """Look at everything; a broken part does not keep the others from being looked at.

    Args:
        fix: mend what can be mended without a decision of a person.
    """
    checks = [Check(name="python", state="ok", detail=platform.python_version())]
    try:
        settings = load_settings()
    except AssistantError as error:
        return DoctorJson(checks=[*checks, _broken("settings", error)])
    checks.append(Check(name="settings", state="ok", detail=f"home {settings.home}, index {settings.index}"))
    checks.append(_mended("modes", lambda: exposed(settings), fix=fix))
    checks.append(_mended("modes elsewhere", lambda: exposed_elsewhere(settings), fix=fix))
    checks.append(_mended("restore", lambda: unfinished_restore(settings), fix=fix))
    try:
        schema = _mended("schema", lambda: _schema(settings), fix=fix)
        checks.append(schema)
        if schema.state != "broken":  # opening the catalog would migrate it, which nobody asked for
            is_made = _is_made(settings)
            with build(settings) if is_made else _on_no_catalog() as app:
                checks += [_try(name, look) for name, look in _looks(app)]
                checks += [_mended(name, look, fix=fix and is_made) for name, look in repairs(app)]
    except AssistantError as error:
        checks.append(_broken("home", error))
    return DoctorJson(checks=[*checks, _disk(settings)])


def _mended(name: str, look: Callable[[], Found | None], *, fix: bool) -> Check:
    """Say what a look finds; with `fix`, mend it and look again."""
    try:
        found = look()
        if found is None:
            return Check(name=name, state="ok", detail="nothing to mend")
        if not fix or found.mend is None:
            hint = f"{found.hint}; or `assistant doctor --fix`" if found.mend else found.hint
            return Check(name=name, state=found.state, detail=found.detail, hint=hint)
        found.mend()
        left = look()
    except HomeInUseError as error:
        return Check(name=name, state="ok", detail=error.message)
    except (AssistantError, OSError) as error:  # the second of a file on a disk that is mounted read-only, for one
        return _broken(name, error)
    if left is None:
        return Check(name=name, state="mended", detail=found.detail)
    return Check(name=name, state=left.state, detail=f"{left.detail}, still after it was mended", hint=left.hint)


def _schema(settings: Settings) -> Found | None:
    """Look at the catalog's schema without changing it."""
    with unopened(settings.catalog) as engine:
        now = None if engine is None else standing(engine)
    return None if now is None else schema_behind(now, lambda: Database(settings.catalog).close())


def _is_made(settings: Settings) -> bool:
    with unopened(settings.catalog) as engine:
        return engine is not None and standing(engine).revision is not None


@contextmanager
def _on_no_catalog() -> Iterator[App]:
    """Give the parts on an empty catalog that is thrown away: a look makes none where the setting may be wrong."""
    with TemporaryDirectory() as folder, build(load_settings(catalog_url=f"sqlite:///{folder}/none")) as app:
        yield app


def _looks(app: App) -> list[tuple[str, Callable[[], str | Check]]]:
    return [
        ("plugins", lambda: _plugins(app)),
        ("catalog", lambda: _catalog(app)),
        ("secrets", lambda: _secrets(app)),
        ("audit log", lambda: _audit(app)),
        ("embedder", lambda: f"{app.embedder.name}, {app.embedder.dimension} dimensions"),
        ("index", lambda: _index(app)),
        ("recall", lambda: _recall(app)),
        ("server", lambda: _server(app.settings)),
        ("broker", lambda: _broker(app.settings)),
        *_model_looks(app),
    ]


def _model_looks(app: App) -> list[tuple[str, Callable[[], str | Check]]]:
    """Look at each model; at the settings of all of them, where these are wrong or there are none."""
    try:
        members = app.herd.members
    except AssistantError as error:
        found = _broken("models", error)
        return [("models", lambda: found)]
    if not members:
        return [("models", lambda: "none configured; answers quote the documents")]
    return [(f"model {member.profile.key}", partial(_model, member, members)) for member in members]


def _model(member: Member, members: Sequence[Member]) -> Check:
    """Say what the model's server says, and what has to be known of its licence and of adapters that nobody gets."""
    info, profile = member.model.describe(), member.profile
    pictures = f"pictures up to {info.images_per_prompt} a prompt" if info.vision else "no pictures"
    counting = {"server": "the server counts tokens", "tokenizer": "a local tokenizer counts", "estimate": "estimated"}
    detail = (
        f"{info.name} on {info.server}, for {', '.join(sorted(profile.roles)) or 'those who choose it'}: "
        f"context {info.context_tokens:,} tokens ({info.origins['context_tokens']}), {pictures} "
        f"({info.origins['images_per_prompt']}), {'tools' if info.tools else 'no tools'} ({info.origins['tools']}); "
        f"{counting[info.counting]}"
    )
    given = {other.model.name for other in members if other.profile.adapter_of == profile.key}
    unused = [name for name in info.adapters if name not in given]
    hints = [licence_note(info.name)]
    if unused:
        hints.append(
            f"LoRA adapters that the server has and no group gets: {', '.join(unused)}; "
            f"a table [models.{profile.key}.adapters.NAME] gives one to groups"
        )
    return Check(name=f"model {profile.key}", state="ok", detail=detail, hint="; ".join(filter(None, hints)))


def _try(name: str, look: Callable[[], str | Check]) -> Check:
    try:
        found = look()
    except HomeInUseError as error:
        # a command that indexes right now holds the index; that is no fault
        return Check(name=name, state="ok", detail=error.message)
    except (AssistantError, OSError) as error:
        return _broken(name, error)
    return found if isinstance(found, Check) else Check(name=name, state="ok", detail=found)


def _broken(name: str, error: AssistantError | OSError) -> Check:
    if isinstance(error, OSError):
        hint = "see the file's owner and mode, and the disk"
        return Check(name=name, state="broken", detail=f"{type(error).__name__}: {error}", hint=hint)
    return Check(name=name, state="broken", detail=error.message, hint=error.hint)


def _plugins(app: App) -> str:
    sources, parsers = sorted(app.registry.sources), sorted(parser.name for parser in app.registry.parsers)
    return f"sources {', '.join(sources)}; parsers {', '.join(parsers)}"


def _catalog(app: App) -> str:
    documents, chunks = app.catalog.documents.count(LOCAL_OPERATOR)
    sources = counted(len(app.catalog.sources.all()), "source")
    return f"{counted(documents, 'document')}, {counted(chunks, 'chunk')}, {sources}"


def _secrets(app: App) -> Check:
    """Say which key is used; open every secret, whatever table it is in, to see that it can be."""
    keyring = app.catalog.keyring
    records = app.catalog.sources.all()
    for record in records:
        revealed([record.config, record.stored_passwords])
    keys = keyring.all()
    names = [key.name for key in keys]
    place = f"key {names[0]} of {keyring.place}" if names else f"no key yet; the first secret makes {keyring.file}"
    if len(names) > 1:
        place += f" (older: {', '.join(names[1:])})"
    closed = [one for one in app.catalog.rotation.uses() if one.closed]
    if closed:
        named = ", ".join(f"{one.closed} of {one.table} (by the key {one.key})" for one in closed)
        hint = "put the key back, or give them again; see `assistant secrets check`"
        return Check(name="secrets", state="broken", detail=f"{place}; cannot be opened: {named}", hint=hint)
    holding = sum(1 for record in records if masked(record.config) != record.config or record.stored_passwords)
    hint = ""
    if names and keyring.uses_file and not app.settings.catalog.startswith("sqlite"):
        hint = "hosts that share the catalog need one key: give it to each by ASSISTANT_SECRET_KEY"
    return Check(name="secrets", state="ok", detail=f"{place}; {holding} sources hold secrets", hint=hint)


def _audit(app: App) -> Check:
    """Say whether the audit log's seal holds; `assistant audit verify` checks every entry."""
    head, seal = app.catalog.audit.head(), app.catalog.audit.seal()
    if seal in {"good", "none"}:
        return Check(name="audit log", state="ok", detail=f"{counted(head.number, 'act')} recorded; seal {seal}")
    return Check(name="audit log", state="broken", detail=f"its seal does not hold: {seal}", hint="see audit.md")


def _index(app: App) -> str:
    counts = app.index.counts()
    return f"{type(app.index).__name__}: {counted(counts.documents, 'document')}, {counted(counts.chunks, 'chunk')}"


def _recall(app: App) -> Check:
    """Say what the vector search finds of what is nearest, for readers of several kinds."""
    measured = app.index.recall(_RECALL_SAMPLE)
    shares = ", ".join(f"{share.recall:.1%} where {share.readable:.1%} may be read" for share in measured.shares)
    if measured.worst >= LEAST:
        return Check(name="recall", state="ok", detail=f"{shares or 'nothing to find'} ({measured.queries} queries)")
    return Check(name="recall", state="broken", detail=shares, hint="build the index anew: `assistant reindex`")


def _server(settings: Settings) -> str:
    import httpx

    try:
        answer = httpx.get(f"{settings.api_base}/health", timeout=2)
    except httpx.HTTPError:
        return f"not running at {settings.api_base} (start it with `assistant up`)"
    return f"running at {settings.api_base}, health {answer.status_code}"


def _broker(settings: Settings) -> str:
    """Say whether the broker answers, where it is a server."""
    if settings.broker_url.startswith("memory:"):
        return "in the process of the assistant"
    from workers.celery_app import make_celery

    with make_celery(settings).connection_for_write() as connection:
        place = connection.as_uri()  # without its password
        try:
            connection.ensure_connection(max_retries=1, timeout=_BROKER_SECONDS)
        except Exception as error:  # each transport has errors of its own
            raise BrokerUnavailableError(
                f"the broker {place} does not answer: {error}", "start it; work waits"
            ) from error
    return f"{place} answers"


def _disk(settings: Settings) -> Check:
    place = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    free = shutil.disk_usage(place).free
    state: Literal["ok", "broken"] = "ok" if free >= _LOW_DISK else "broken"
    hint = "" if state == "ok" else "free at least 1 GiB"
    return Check(name="disk", state=state, detail=f"{free / (1 << 30):.1f} GiB free at {place}", hint=hint)
