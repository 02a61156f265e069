"""Server mode under load while things go wrong, and what was lost by it: `python -m tests.server_mode.soak --help`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from assistant import build, load_settings
from assistant.types import LOCAL_OPERATOR
from tests.fakes import vllm
from tests.server_mode import account, report
from tests.server_mode.crowd import SOURCE, Admin, Visitor
from tests.server_mode.faults import Fault, Injector, Outcome, mixed
from tests.server_mode.house import BrokerKind, ModelKind, ServerHouse, lacking, server_house
from tests.server_mode.ledger import Policy, Rights
from tests.server_mode.papers import FIXED, MOVING, PEOPLE, Shelf, first_policy
from tests.server_mode.probes import Probes
from tests.server_mode.records import Records

READER, ADMIN = "anna", "ada"
_NAMES = {"valkey": "Valkey", "rabbitmq": "RabbitMQ"}
_THINK, _WRITE, _DECIDE = (0.2, 1.0), (0.5, 2.5), (3.0, 8.0)  # seconds between two turns of each
_MOST_PAPERS = 160
Choose = Callable[[ServerHouse], list[Fault]]


class Soak:
    """A house with its documents, people, and what goes on there.

    Args:
        folder: takes all of it.
        each: documents in each folder at the beginning.
        seed: of all that is chosen.
    """

    def __init__(self, folder: Path, each: int, seed: int) -> None:
        self.folder, self.seed = folder, seed
        self.dice = random.Random(seed)
        self.shelf = Shelf(folder / "papers", random.Random(seed + 1), each)
        self.rights = Rights(first_policy())
        self.records = Records()
        self.tokens: dict[str, str] = {}
        self.outcomes: list[Outcome] = []
        self.changes = 0
        self._over = threading.Event()

    def fill(self, house: ServerHouse) -> None:
        """Add the people and the source to a home that nobody runs yet."""
        policy: Policy = self.rights.current
        settings = load_settings(home=house.home, catalog_url=house.postgres.url, sign_in="accounts")
        with build(settings) as app:
            app.people.add(ADMIN, ADMIN, (), "admin", LOCAL_OPERATOR)
            for person, groups in PEOPLE.items():
                app.people.add(person, person, sorted(groups), "employee", LOCAL_OPERATOR)
                self.tokens[person] = app.people.add_token(person, LOCAL_OPERATOR)[0]
            self.tokens[ADMIN] = app.people.add_token(ADMIN, LOCAL_OPERATOR, scopes=("read", "manage"))[0]
            config = {"path": str(self.shelf.folder)}
            app.catalog.sources.add(SOURCE, "folder", config, policy.rule(), "every 2s")
            assert app.ingestor.sync(SOURCE, "soak").added == len(self.shelf.papers)

    def run(self, house: ServerHouse, faults: Sequence[Fault], seconds: float, *, once: bool) -> dict[str, Any]:
        """Let people work while things go wrong, for so long, or through all faults `once`; return what was found."""
        kinds = tuple(one for one in ("search", "page", "model") if one == "search" or self._has(house, one))
        readers = {person: token for person, token in self.tokens.items() if person != ADMIN}
        began = time.monotonic()
        with ExitStack() as stack:
            probes = Probes(house.url, self.tokens[READER], self.records, kinds)
            probes.start()
            stack.callback(probes.stop)
            self._begin(house.url, readers, stack)
            injector = Injector(house.url, self.tokens[READER], self.shelf, self.records, kinds)
            self._inject(injector, faults, began + seconds, once=once)
            self._over.set()
        settled = account.settle(house.url, readers, self.shelf, self.rights.current, self.records)
        lasted = time.monotonic() - began
        hung = house.end()
        self.records.lost += account.compare_stores(house, self.shelf)
        table = report.rows(self.outcomes, self.records, kinds)
        more = {
            "seconds": round(lasted),
            "settled_seconds": round(settled, 1),
            "seed": self.seed,
            "documents": len(self.shelf.there()),
            "documents_ever": len(self.shelf.papers),
            "versions": sum(paper.version for paper in self.shelf.papers.values()),
            "changes_of_rights": self.changes,
            "ended_by_themselves": house.watchdog.ended,
            "did_not_end_when_asked": hung,
        }
        found = report.as_json(table, self.outcomes, self.records, more)
        return {**found, "table": report.as_markdown(table, found)}

    @staticmethod
    def _has(house: ServerHouse, kind: str) -> bool:
        return {"page": "ui", "model": "model"}[kind] in house.processes

    def _begin(self, url: str, readers: Mapping[str, str], stack: ExitStack) -> None:
        """Start the people, whoever writes, and the admin; the stack ends them."""
        threads = []
        for at, (person, token) in enumerate(readers.items()):
            visitor = Visitor(url, person, token, self.shelf, self.rights, self.records, self.seed + 10 + at)
            stack.callback(visitor.close)
            threads.append(self._thread(visitor.turn, _THINK))
        admin = Admin(url, self.tokens[ADMIN], self.rights, self.records, self.seed + 2)
        stack.callback(admin.close)

        def decide() -> None:
            admin.turn()
            self.changes = admin.changes

        threads += [self._thread(self._write, _WRITE), self._thread(decide, _DECIDE)]
        for thread in threads:
            thread.start()
            stack.callback(thread.join)
        stack.callback(self._over.set)

    def _thread(self, turn: Callable[[], None], pause: tuple[float, float]) -> threading.Thread:
        dice = random.Random(self.dice.random())

        def repeat() -> None:
            while not self._over.wait(dice.uniform(*pause)):
                turn()

        return threading.Thread(target=repeat, daemon=True)

    def _write(self) -> None:
        """Add, edit or delete a document."""
        many = len(self.shelf.there()) >= _MOST_PAPERS
        act = self.dice.choices(("add", "edit", "delete"), (0 if many else 35, 45, 20))[0]
        if act == "add":
            self.shelf.add(self.dice.choice((*FIXED, *MOVING)))
        elif act == "edit":
            self.shelf.edit()
        else:
            self.shelf.delete()

    def _inject(self, injector: Injector, faults: Sequence[Fault], end: float, *, once: bool) -> None:
        self._over.wait(5.0)
        while True:
            for fault in faults:
                if not once and time.monotonic() > end:
                    return
                outcome = injector.inject(fault)
                self.outcomes.append(outcome)
                print(f"{time.strftime('%H:%M:%S')} {outcome.name}: {outcome.over - outcome.begin:.0f} s", flush=True)
            if once:
                return


def soak(
    folder: Path,
    choose: Choose,
    *,
    broker: BrokerKind,
    model: ModelKind,
    seconds: float = 0.0,
    with_ui: bool = True,
    each: int = 15,
    seed: int | None = None,
) -> dict[str, Any]:
    """Run a house with documents and people while things go wrong.

    Args:
        folder: takes all of it.
        choose: which faults, of the house.
        broker: what carries Celery's messages.
        model: what writes the answers.
        seconds: how long the faults are gone through again and again; 0: each once.
        with_ui: whether the web UI runs.
        each: documents in each of the six folders at the beginning.
        seed: of all that is chosen.

    Returns:
        what `report.as_json` makes of it, with the table.
    """
    seed = random.SystemRandom().randrange(2**32) if seed is None else seed
    print(f"seed {seed}", flush=True)
    work = Soak(folder, each, seed)
    with server_house(folder / "house", broker=broker, model=model, with_ui=with_ui, before=work.fill) as house:
        found = work.run(house, choose(house), seconds, once=not seconds)
    return {"broker": broker, "model": model, "cores": os.cpu_count(), "python": platform.python_version(), **found}


def main() -> int:
    """Run it as the command line says; 0 if nothing was lost and no right was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.server_mode.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="how long things go wrong; 0: each once")
    parser.add_argument("--broker", choices=("rabbitmq", "valkey"), default="rabbitmq")
    parser.add_argument("--down", type=float, default=30.0, help="seconds that a dependency is stopped")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--report", type=Path, help="folder that gets soak.json, soak.md and the logs")
    writes = parser.add_mutually_exclusive_group()
    writes.add_argument("--vllm", dest="model", action="store_const", const="vllm", help="a tiny real one, on the CPU")
    writes.add_argument("--scripted-model", dest="model", action="store_const", const="scripted")
    given = parser.parse_args()
    model = given.model or "scripted"
    if missing := lacking(given.broker):
        sys.exit(f"{missing} is not installed")
    if model == "vllm":
        vllm.build(vllm.cache_folder())

    def choose(house: ServerHouse) -> list[Fault]:
        return mixed(house, _NAMES[given.broker], given.down)

    with ExitStack() as stack:
        folder = given.report or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        folder.mkdir(parents=True, exist_ok=True)
        options = {"broker": given.broker, "model": model, "seconds": given.minutes * 60, "seed": given.seed}
        found = soak(folder / "run", choose, **options)
        table = found.pop("table")
        (folder / "soak.json").write_text(json.dumps(found, indent=2))
        (folder / "soak.md").write_text(table)
    print(json.dumps(found, indent=2), table, sep="\n\n")
    return 1 if found["lost_documents"] or found["wrong_rights"] else 0


if __name__ == "__main__":
    sys.exit(main())
