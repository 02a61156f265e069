"""Webhooks: addresses that are told of events, and what was sent to them."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.app.announcing import webhook_desk
from assistant.audit import note
from assistant.catalog.events import EVENTS
from assistant.catalog.webhooks import DeliveryState
from assistant.cli.output import JsonOption, names, opened, out, print_json, print_table, when
from assistant.errors import ConfigurationError
from assistant.types import LOCAL_OPERATOR
from assistant.webhooks.addresses import host_of
from assistant.wire.webhooks import DeliveriesJson, DeliveryJson, WebhookSecretJson, WebhooksJson

group = typer.Typer(help="Addresses that are told of events.", no_args_is_help=True)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The webhook's name; see `assistant webhooks list`.")]
_EVENTS = f"With commas between; of: {', '.join(EVENTS)}."
_NONE = "No webhooks are there: `assistant webhooks add URL --name NAME --events EVENT,…` adds one."
_SHOWN_ONCE = "the signing secret, shown this once: {}"


@group.command("list")
def list_webhooks(as_json: JsonOption = False) -> None:
    """List the webhooks, and how the newest delivery of each went."""
    with opened() as app:
        found = WebhooksJson.of(webhook_desk(app).all(LOCAL_OPERATOR))
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one.name,
            one.url,
            ", ".join(one.events),
            "on" if one.enabled else "off",
            one.waiting,
            one.failed,
            one.error or (one.last and _line(one.last)),
        )
        for one in found.webhooks
    ]
    print_table(("name", "address", "events", "state", "waiting", "failed", "last"), rows, _NONE)


@group.command("add")
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where events are sent, e.g. https://hooks.example.org/a.")],
    name: Annotated[str, typer.Option("--name", help="A name of your own, of a-z, 0-9, _ and -.")],
    events: Annotated[str, typer.Option("--events", metavar="EVENT,…", help=_EVENTS)],
    as_json: JsonOption = False,
) -> None:
    """Add a webhook, and print its signing secret."""
    with opened() as app:
        note(host=host_of(url))
        made = WebhookSecretJson.shown(webhook_desk(app).add(name, url, names(events), LOCAL_OPERATOR))
    if as_json:
        print_json(made)
        return
    out.print(f"{name} is told of {', '.join(made.webhook.events)}", markup=False)
    out.print(_SHOWN_ONCE.format(made.secret), markup=False)


@group.command("edit")
def edit(
    name: NameArgument,
    url: Annotated[str | None, typer.Option("--url", metavar="URL", help="Where events are sent.")] = None,
    events: Annotated[str | None, typer.Option("--events", metavar="EVENT,…", help=_EVENTS)] = None,
    switched: Annotated[
        bool | None, typer.Option("--on/--off", help="Whether it is told; what waits for it waits on.")
    ] = None,
) -> None:
    """Change what is given of a webhook."""
    if url is None and events is None and switched is None:
        raise ConfigurationError(
            "nothing is to be changed", "give at least one option: `assistant webhooks edit --help`"
        )
    wanted = None if events is None else names(events)
    with opened() as app:
        if url is not None:
            note(host=host_of(url))
        info = webhook_desk(app).change(name, LOCAL_OPERATOR, url=url, events=wanted, enabled=switched)
    state = "on" if info.record.enabled else "off"
    out.print(f"{name} is {state}, for {', '.join(info.record.events)} at {info.record.url}", markup=False)


@group.command("secret")
def secret(name: NameArgument, as_json: JsonOption = False) -> None:
    """Make a new signing secret and print it; for a day the former one signs as well."""
    with opened() as app:
        made = WebhookSecretJson.shown(webhook_desk(app).new_secret(name, LOCAL_OPERATOR))
    if as_json:
        print_json(made)
        return
    out.print(_SHOWN_ONCE.format(made.secret), markup=False)


@group.command("test")
def try_webhook(name: NameArgument, as_json: JsonOption = False) -> None:
    """Send a test at once; exit 1 if it does not arrive."""
    with opened() as app:
        sent = DeliveryJson.of(webhook_desk(app).test(name, LOCAL_OPERATOR))
    if as_json:
        print_json(sent)
    else:
        out.print(f"{name}: {_line(sent)}", markup=False)
    if sent.state != "delivered":
        raise typer.Exit(1)


@group.command("deliveries")
def deliveries(
    name: NameArgument,
    state: Annotated[DeliveryState | None, typer.Option("--state", help="Only those in this state.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many at most.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List the newest deliveries, newest first."""
    with opened() as app:
        found = DeliveriesJson.of(webhook_desk(app).deliveries(name, LOCAL_OPERATOR, limit, state))
    if as_json:
        print_json(found)
        return
    rows = [
        (one.id, one.event, when(one.created_at), one.tries, _line(one), when(one.next_at)) for one in found.deliveries
    ]
    print_table(("delivery", "event", "happened", "tries", "state", "next try"), rows, "Nothing was sent yet.")


@group.command("redeliver")
def redeliver(
    name: NameArgument,
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="Its id; see `assistant webhooks deliveries`.")],
) -> None:
    """Let a delivery that came to its end be sent again, by whichever process does maintenance."""
    with opened() as app:
        webhook_desk(app).redeliver(name, delivery, LOCAL_OPERATOR)
    out.print(f"{delivery} is sent to {name} again", markup=False)


@group.command("remove")
def remove(name: NameArgument, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False) -> None:
    """Forget a webhook with its secret and its deliveries."""
    with opened() as app:
        webhook_desk(app).show(name, LOCAL_OPERATOR)
        if not yes:
            typer.confirm(f"Remove the webhook {name} with its secret and deliveries?", abort=True)
        webhook_desk(app).remove(name, LOCAL_OPERATOR)
    out.print(f"removed {name}", markup=False)


def _line(one: DeliveryJson) -> str:
    return " ".join(filter(None, (one.state, str(one.status or ""), one.answer)))
