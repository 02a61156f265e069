"""`users export` and `users erase`: what is held on a person, handed out or erased."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from assistant.app.keeping import personal_desk
from assistant.cli.output import JsonOption, opened, out, print_json
from assistant.cli.people import UserArgument
from assistant.cli.people import users as group
from assistant.cli.wording import counted
from assistant.errors import ConfigurationError
from assistant.types import LOCAL_OPERATOR
from assistant.wire.personal import ErasedJson, exported, write_folder, write_zip

__all__ = ["group"]


@group.command("export")
def export_user(
    person: UserArgument,
    to: Annotated[Path, typer.Argument(metavar="PATH", help="A new folder, or a new file that ends with .zip.")],
) -> None:
    """Write everything that is held on a person: account, conversations, uploads, feedback, and what is recorded."""
    with opened() as app:
        files = exported(personal_desk(app), app.conversations, person, LOCAL_OPERATOR)
        if to.suffix.lower() == ".zip":
            try:
                descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            except OSError as error:
                raise ConfigurationError(f"{to} cannot be made: {error.strerror}", "name a new file") from error
            with os.fdopen(descriptor, "wb") as file:
                count = write_zip(files, file)
        else:
            count = write_folder(files, to)
    out.print(f"{counted(count, 'file')} on {person} in {to}", markup=False)


@group.command("erase")
def erase_user(
    person: UserArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Erase everything that is held on a person, for good; the id stays, so that nobody else gets it."""
    with opened() as app:
        app.catalog.people.get(person)
        if not yes:
            typer.confirm(f"Erase {person} with all conversations and uploads, for good?", abort=True)
        erased = personal_desk(app, at_once=True).erase(person, LOCAL_OPERATOR)
    if as_json:
        print_json(ErasedJson.of(erased))
        return
    rest = "" if erased.done else "; the rest follows, as soon as what is at work on the uploads has ended"
    gone = f"{counted(erased.conversations, 'conversation')} and {counted(erased.uploads, 'upload')}"
    out.print(f"erased {erased.person}, with {gone}{rest}", markup=False)
