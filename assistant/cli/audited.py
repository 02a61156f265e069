"""What each command is called in the audit log: one table, all commands; a test fails where one is missing."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from types import MappingProxyType
from typing import Any

import typer

from assistant.app import App
from assistant.audit import Notes, coming_from, note, noting, origin_now
from assistant.catalog import Act, Origin, Outcome
from assistant.errors import AccessDeniedError, AssistantError, ConfigurationError, NotFoundError
from assistant.telemetry import without_secrets
from assistant.types import LOCAL_OPERATOR

COMMAND_LINE = "command-line"  # who reads with `--groups`
_LONGEST = 500  # characters of an argument
# Arguments that are told: names of things, never a question, a configuration or a password.
_TOLD = frozenset(
    {
        *("source", "key", "keys", "name", "kind", "schedule", "readers", "private", "full"),
        *("folder", "path", "target", "file", "files", "conversation", "form", "for_good", "run_id", "question_id"),
        *("role", "groups", "become", "add", "remove", "scopes", "days", "embedder", "chunk_tokens", "back", "drop"),
        *("force", "plugin", "document", "since", "until", "action", "outcome", "sealed", "head", "replacing"),
        *("curates", "opening", "parent", "child", "subject", "to", "events", "switched", "delivery"),
    }
)


@dataclass(frozen=True, slots=True)
class Command:
    """How a command is recorded.

    Attributes:
        action: what it is called.
        begins: whether it is recorded before it is done, too, as it changes something.
        person: the parameter that names the person to whom it is done.
    """

    action: str
    begins: bool = True
    person: str = ""


def _reads(action: str, person: str = "") -> Command:
    return Command(action, begins=False, person=person)


COMMANDS: dict[str, Command | None] = {
    "up": None,  # what its API does is recorded there
    "doctor": None,
    "prepare": None,
    "migrate": None,
    "mcp": None,  # each call is recorded
    "ingest": Command("source synced"),
    "search": _reads("searched"),
    "ask": _reads("asked"),
    "distill": Command("answers distilled"),
    "reindex": Command("index made anew"),
    "backup": Command("backup made"),
    "restore": _reads("backup restored"),  # nothing is written to a home that has to be empty
    "documents list": _reads("documents listed"),
    "documents text": _reads("document opened"),
    "documents warnings": _reads("warnings read"),
    "documents reviewed": Command("warning reviewed"),
    "why": _reads("access explained", "person"),
    "sees": _reads("access overlooked"),
    "openings list": None,
    "openings end": Command("break-glass ended"),
    "conversations list": None,
    "conversations show": None,
    "conversations export": _reads("conversation exported"),
    "conversations delete": Command("conversation deleted"),
    "conversations restore": Command("conversation restored"),
    "conversations share": Command("conversation shared"),
    "conversations shares": None,
    "conversations unshare": Command("share ended"),
    "sources add": Command("source added"),
    "sources edit": Command("source changed"),
    "sources test": Command("source tried"),
    "sources passwords": Command("source changed"),
    "sources list": None,
    "sources show": None,
    "sources sync": Command("source synced"),
    "sources pause": Command("source paused"),
    "sources resume": Command("source resumed"),
    "sources remove": Command("source removed"),
    "uploads add": Command("file uploaded"),
    "uploads list": None,
    "uploads share": Command("upload shared"),
    "uploads remove": Command("upload removed"),
    "runs list": None,
    "runs show": None,
    "runs cancel": Command("run cancelled"),
    "failures list": None,
    "failures retry": Command("failures retried"),
    "failures ignore": Command("failures ignored"),
    "plugins list": None,
    "plugins show": None,
    "plugins enable": Command("plugin enabled"),
    "plugins disable": Command("plugin disabled"),
    "plugins evaluation": Command("plugin measured"),
    "plugins health": None,
    "plugins new": None,
    "plugins check": None,
    "tools kinds": None,
    "tools add": Command("tool added"),
    "tools edit": Command("tool changed"),
    "tools list": None,
    "tools show": None,
    "tools test": Command("tool tried"),
    "tools enable": Command("tool enabled"),
    "tools disable": Command("tool disabled"),
    "tools remove": Command("tool removed"),
    "tools usable": None,
    "webhooks list": None,
    "webhooks add": Command("webhook added"),
    "webhooks edit": Command("webhook changed"),
    "webhooks secret": Command("webhook secret renewed"),
    "webhooks test": Command("webhook tried"),
    "webhooks deliveries": None,
    "webhooks redeliver": Command("webhook sent again"),
    "webhooks remove": Command("webhook removed"),
    "users add": Command("person added", person="person"),
    "users list": None,
    "users groups": Command("person changed", person="person"),
    "users disable": Command("person disabled", person="person"),
    "users enable": Command("person enabled", person="person"),
    "users role": Command("person changed", person="person"),
    "users password": Command("password reset", person="person"),
    "users sessions": Command("sessions ended", person="person"),
    "users export": _reads("person exported", "person"),
    "users erase": Command("person erased", person="person"),
    "groups list": None,
    "groups show": None,
    "groups members": None,
    "groups nest": Command("group nested"),
    "groups unnest": Command("group unnested"),
    "secrets check": None,
    "secrets rotate": Command("key changed"),
    "tokens add": Command("token made", person="person"),
    "tokens list": None,
    "tokens revoke": Command("token revoked"),
    "eval retrieval": None,  # in a home of its own
    "eval spans": None,
    "eval answers": _reads("answers measured"),
    "eval compare": None,
    "eval report": None,
    "eval questions add": Command("question kept"),
    "eval questions list": _reads("questions read"),
    "eval questions feedback": _reads("feedback read"),
    "eval questions remove": Command("question deleted"),
    "eval questions export": _reads("questions read"),
    "eval questions import": Command("question kept"),
    "audit list": _reads("audit read", "who"),
    "audit search": _reads("audit read", "who"),
    "audit export": _reads("audit exported", "who"),
    "audit verify": _reads("audit verified"),
    "audit head": None,  # it has nothing of anybody
    "audit prune": Command("audit pruned"),
}


_at_work: ContextVar[tuple[str, Mapping[str, Any]]] = ContextVar("command", default=("", MappingProxyType({})))


def named(app: typer.Typer, *path: str) -> None:
    """Let each command of the app, and of those within it, say what it is and what it was given while it runs."""
    for one in app.registered_commands:
        if one.callback is not None:
            name = one.name or one.callback.__name__.replace("_", "-")
            one.callback = _saying(one.callback, " ".join((*path, name)))
    for group in app.registered_groups:
        if group.typer_instance is not None:
            named(group.typer_instance, *path, group.name or "")


@contextmanager
def audited(app: App) -> Iterator[None]:
    """Record the command that is at work; outside of one, nothing.

    Raises:
        AuditUnavailableError: it cannot be recorded. A change is then not made, and what was read is not shown.
    """
    path, given = _at_work.get()
    command = COMMANDS.get(path)
    with coming_from(Origin("cli", login=_login())), noting() as notes:
        if command is None:
            yield
            return
        if command.begins:
            app.audit.record(_act(given, command, "begun", Notes()))
        try:
            yield
        except BaseException as error:
            app.audit.record(_act(given, command, _outcome(error), notes))
            raise
        app.audit.record(_act(given, command, "done", notes))


def _saying(command: Callable[..., Any], path: str) -> Callable[..., Any]:
    @wraps(command)
    def run(*args: Any, **given: Any) -> Any:
        token = _at_work.set((path, given))
        try:
            return command(*args, **given)
        finally:
            _at_work.reset(token)

    return run


def note_question(app: App, text: str) -> None:
    """Note what was asked or searched for, where the policy wants that."""
    if app.audit.keeps_questions:
        note(question=text)


def _login() -> str:
    """Return the account's name as the machine knows it, whatever the environment says."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _act(given: Mapping[str, Any], command: Command, outcome: Outcome, notes: Notes) -> Act:
    told = {
        name: without_secrets(str(value))[:_LONGEST]
        for name, value in given.items()
        if name in _TOLD and value not in (None, "", False, (), [])
    }
    told |= notes.details
    subject = str(given.get(command.person) or "") if command.person else ""
    return Act(
        action=command.action,
        who=COMMAND_LINE if given.get("groups") and not command.begins else LOCAL_OPERATOR.id,
        outcome=outcome,
        origin=origin_now(),
        subject=subject,
        documents=tuple(notes.documents),
        details={} if subject else told,
        about={"person": subject, **told} if subject else {},
    )


def _outcome(error: BaseException) -> Outcome:
    if isinstance(error, typer.Exit) and not error.exit_code:
        return "done"
    if isinstance(error, AssistantError):
        return "refused" if isinstance(error, AccessDeniedError | NotFoundError | ConfigurationError) else "failed"
    return "failed"
