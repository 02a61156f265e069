"""Fifty people in the web UI at once: how long a page and an answer take, and what a session costs in memory.

    python -m tests.benchmarks.ui_load [--sessions 50] [--seconds 60]

The house is `assistant up` on a new home, with the scripted model of the journeys. Each person has a session of their
own that speaks Streamlit's protocol as a browser does (a WebSocket, protobuf), without a browser's own work; these
clients share the house's cores. Everybody opens the chat at the same moment; then everybody asks once, each at some
moment of the seconds given; then everybody asks again, all at the same moment. Prints one JSON object, with times and
work of processors in seconds and memory in MB.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from websockets.asyncio.client import ClientConnection, connect

from assistant.access import Where
from assistant.app import App
from assistant.types import LOCAL_OPERATOR
from tests.fakes.model_server import ModelServer
from tests.journeys import model
from tests.journeys.house import House, running, seed

WORDS, TURN = b'class="as-answer', b'class="as-question'
PATIENCE = 300.0
QUESTIONS = ("What may a hotel cost?", "How many days of leave are there?")


@dataclass(slots=True)
class Session:
    """A person's open page.

    Attributes:
        box: id of the question field, as the page that was drawn last has it.
        drawn: the HTML of the page as the run that is at work, or was last, has drawn it.
    """

    socket: ClientConnection
    box: str = ""
    drawn: bytes = b""

    async def run(self, states: WidgetStates | None = None, query: str = "") -> float:
        """Have the page drawn; return how long that took."""
        began = time.perf_counter()
        asked = BackMsg()
        asked.rerun_script.query_string = query
        if states is not None:
            asked.rerun_script.widget_states.CopyFrom(states)
        await self.socket.send(asked.SerializeToString())
        async for message in self._messages():
            ended = message.WhichOneof("type") == "script_finished"
            if ended and self.box and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return time.perf_counter() - began
        raise ConnectionError("the page was not drawn")

    async def ask(self, question: str, wait: float = 0.0) -> tuple[float, float]:
        """Ask after a wait, and return how long the first words and the whole answer took."""
        await asyncio.sleep(wait)
        states = WidgetStates()
        states.widgets.add(id=self.box).chat_input_value.data = question
        asked = BackMsg()
        asked.rerun_script.widget_states.CopyFrom(states)
        before, began, first = self.drawn.count(TURN), time.perf_counter(), 0.0
        await self.socket.send(asked.SerializeToString())
        async for message in self._messages():
            if not first and self.drawn.count(WORDS) > before:
                first = time.perf_counter() - began
            ended = message.WhichOneof("type") == "script_finished"
            if ended and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                assert self.drawn.count(TURN) == before + 1, self.drawn.decode()[-600:]
                return first or time.perf_counter() - began, time.perf_counter() - began
        raise ConnectionError("no answer came")

    async def _messages(self) -> AsyncIterator[ForwardMsg]:
        async with asyncio.timeout(PATIENCE):
            async for payload in self.socket:
                message = ForwardMsg.FromString(payload if isinstance(payload, bytes) else payload.encode())
                if message.HasField("new_session"):
                    self.drawn = b""
                elif message.HasField("delta"):
                    self.drawn += message.delta.new_element.html.body.encode()
                    self.box = message.delta.new_element.chat_input.id or self.box
                yield message


async def opened(house: House, person: str) -> Session:
    """Connect as this person's browser would."""
    cookie = f"assistant_session={house.sessions[person]}"
    socket = await connect(
        house.ui.replace("http", "ws", 1) + "/_stcore/stream",
        origin=house.ui,
        additional_headers={"Cookie": cookie},
        subprotocols=["streamlit"],
        max_size=None,
        open_timeout=PATIENCE,
        ping_interval=None,  # a house that is busy answers late, which is what is measured
    )
    return Session(socket)


async def measured(house: House, people: Sequence[str], seconds: float) -> dict[str, Any]:
    """Let them all in, and let them ask."""
    api = psutil.Process(house.process.pid)
    ui = next(one for one in api.children(recursive=True) if "streamlit" in one.cmdline())
    working = {"api": api, "ui": ui, "clients": psutil.Process()}
    warm = await opened(house, people[0])
    await warm.run()
    before = _megabytes(ui)
    sessions = await asyncio.gather(*(opened(house, person) for person in people))
    said: dict[str, Any] = {"sessions": len(people), "cores": os.cpu_count(), "load_before": os.getloadavg()[0]}
    with _work(working) as work:
        said["page"] = {**_spread(await asyncio.gather(*(one.run() for one in sessions))), "cpu": work}
    with_pages = _megabytes(ui)
    moments = random.Random(7)
    for name, question, within in (("spread", QUESTIONS[0], seconds), ("at_once", QUESTIONS[1], 0.0)):
        with _work(working) as work:
            waits = [moments.uniform(0, within) for _ in sessions]
            times = await asyncio.gather(*(one.ask(question, wait) for one, wait in zip(sessions, waits, strict=True)))
        firsts, wholes = zip(*times, strict=True)
        said[name] = {"within": within, "first_words": _spread(firsts), "answer": _spread(wholes), "cpu": work}
    after = _megabytes(ui)
    alone = await warm.ask(QUESTIONS[0])
    for one in (*sessions, warm):
        await one.socket.close()
    return {
        **said,
        "answer_alone": {"first_words": round(alone[0], 3), "answer": round(alone[1], 3)},
        "ui_mb": {"before": before, "pages": with_pages, "answers": after},
        "ui_mb_per_session": round((after - before) / len(people), 2),
        "api_mb": _megabytes(api),
    }


@contextmanager
def _work(processes: Mapping[str, psutil.Process]) -> Iterator[dict[str, float]]:
    """Yield what will hold the seconds that each process computed meanwhile."""
    times = {name: sum(one.cpu_times()[:2]) for name, one in processes.items()}
    work: dict[str, float] = {}
    yield work
    work.update({name: round(sum(one.cpu_times()[:2]) - times[name], 2) for name, one in processes.items()})


def _megabytes(process: psutil.Process) -> float:
    return round(process.memory_info().rss / 1e6, 1)


def _spread(times: Sequence[float]) -> dict[str, float]:
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    return {"p50": round(statistics.median(ordered), 3), "p95": round(p95, 3), "most": round(ordered[-1], 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    chosen = parser.parse_args()
    people = [f"p{number}" for number in range(chosen.sessions)]
    sessions: dict[str, str] = {}

    def join(app: App) -> None:
        for person in people:
            app.people.add(person, person, [], "employee", LOCAL_OPERATOR)
            sessions[person] = app.sign_in.known(app.catalog.people.get(person), "oidc", Where()).secret

    with tempfile.TemporaryDirectory() as place, ModelServer(model.script()) as server:
        home = Path(place) / "home"
        seed(home, Path(place) / "handbook", more=join)
        variables = {"ASSISTANT_MODEL_URL": server.url, "ASSISTANT_SIGN_IN": "accounts"}
        with running(home, sessions=sessions, **variables) as house:
            print(json.dumps(asyncio.run(measured(house, people, chosen.seconds)), indent=2))


if __name__ == "__main__":
    main()
