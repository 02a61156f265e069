"""`secrets check` and `secrets rotate`: the key of the catalog's secrets."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.app.rotating import rotate
from assistant.cli.output import JsonOption, opened, out, print_json, print_table
from assistant.cli.wording import counted
from assistant.errors import ConfigurationError
from assistant.wire.secrets import RotatedJson, SecretsJson

group = typer.Typer(help="The key that secrets in the catalog are encrypted with.", no_args_is_help=True)


@group.command("check")
def check(as_json: JsonOption = False) -> None:
    """Open everything that is encrypted, and say by which keys it is; exit 1 if something cannot be opened."""
    with opened() as app:
        found = SecretsJson.of(app.catalog.keyring, app.catalog.rotation.uses())
    if as_json:
        print_json(found)
    else:
        rows = [(one.table, one.key, str(one.count), str(one.closed) if one.closed else "") for one in found.secrets]
        print_table(("table", "key", "secrets", "cannot be opened"), rows, "Nothing is encrypted.")
        out.print(f"keys here: {', '.join(found.keys) or 'none'}, in {found.place}", markup=False)
        if found.exposed:
            out.print("others may read the key file: `chmod 600` it", markup=False)
    if not found.ok:
        raise typer.Exit(1)


@group.command("rotate")
def rotate_key(
    alone: Annotated[
        bool, typer.Option("--alone", help="No other host uses this catalog, which is on a database server.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a new key, encrypt everything by it, and take the old one away; a server may run meanwhile."""
    with opened() as app:
        if app.catalog.keyring.uses_file and not app.settings.catalog.startswith("sqlite") and not alone:
            raise ConfigurationError(
                "other hosts may use this catalog with a copy of the key file, which would not be changed",
                "give each host the key by ASSISTANT_SECRET_KEY and change it there; --alone: there is no other",
            )
        done = rotate(app)
    if as_json:
        print_json(RotatedJson(key=done.key, former=list(done.former), rows=done.rows))
        return
    gone = f"took away {', '.join(done.former)}"
    out.print(f"the key {done.key} is used now; encrypted {counted(done.rows, 'row')} anew, {gone}", markup=False)
