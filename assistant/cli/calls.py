"""Calls of tools at the terminal: the question whether one may be made, and what became of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import typer

from assistant.cli.output import err, out
from assistant.cli.wording import escaped
from assistant.types import Decide, Decision, ToolUse, nobody_to_ask

_STATES = {"done": "", "failed": "failed: ", "rejected": "not made: "}
_SHOWN = 300  # characters of a result
_CHOICES = "y: make the call, e: change its arguments, n: do not make it"


def who_decides(*, as_json: bool) -> Decide:
    """Return who is asked before a tool changes something: the person at the terminal, nobody where there is none."""
    if as_json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return nobody_to_ask
    return ask_at_terminal


def ask_at_terminal(use: ToolUse) -> Decision:
    """Ask the person at the terminal whether a call is to be made."""
    err.print(f"\nThe model wants to call {use.name}, which changes something:", markup=False)
    for name, value in use.arguments.items():
        err.print(escaped(f"  {name}: {json.dumps(value, ensure_ascii=False)}"), markup=False, soft_wrap=True)
    while True:
        said = typer.prompt(f"Make this call? [y/e/n] ({_CHOICES})", default="n", show_default=False, err=True)
        match said.strip().lower():
            case "y" | "yes":
                return Decision(approved=True)
            case "e":
                arguments = _edited(use.arguments)
                if arguments is not None:
                    return Decision(approved=True, arguments=arguments)
            case "n" | "no":
                reason = typer.prompt("Why not? The model is told", default="", show_default=False, err=True)
                return Decision(approved=False, reason=reason.strip())


def print_uses(uses: Sequence[ToolUse]) -> None:
    """Print the calls of an answer, each with what became of it."""
    if uses:
        out.print()
    for use in uses:
        told = use.error or use.reason or use.text
        told = " ".join(told.split())
        shown = told if len(told) <= _SHOWN else f"{told[: _SHOWN - 1]}\u2026"
        arguments = ", ".join(
            f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in use.arguments.items()
        )
        line = f"{use.name}({arguments}), {use.seconds:.1f} s: {_STATES.get(use.state, '')}{shown}"
        out.print(escaped(line), style="dim", markup=False, soft_wrap=True)


def _edited(arguments: Mapping[str, Any]) -> dict[str, Any] | None:
    """Let the person write other arguments; None where they are no JSON object."""
    said = typer.prompt("Arguments, as one JSON object", default=json.dumps(arguments, ensure_ascii=False), err=True)
    try:
        found = json.loads(said)
    except ValueError as error:
        err.print(f"That is no JSON: {error}", style="yellow", markup=False)
        return None
    if not isinstance(found, dict):
        err.print("That is no JSON object.", style="yellow", markup=False)
        return None
    return found
