"""Fifty people in the web UI at once: how long a page and an answer take, and what a session costs in memory.

    python -m tests.benchmarks.ui_load [--sessions 50] [--questions 2]

The house is `assistant up` on a new home, with the scripted model of the journeys. Each person has a session of their
own that speaks Streamlit's protocol as a browser does (a WebSocket, protobuf), without a browser's own work; these
clients share the house's cores. Everybody opens the chat at the same moment, and then everybody asks at the same
moment. Prints one JSON object, with times in seconds and memory in MB.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
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

ANSWERED = b"as-card"  # a source below the answer
PATIENCE = 300.0
QUESTIONS = ("What may a hotel cost?", "How many days of leave are there?")


@dataclass(slots=True)
class Session:
    """A person's open page.

    Attributes:
        box: id of the question field, as the page that was drawn last has it.
        drawn: what came since the last request.
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
        self.drawn = b""
        async for message in self._messages():
            ended = message.WhichOneof("type") == "script_finished"
            if ended and self.box and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return time.perf_counter() - began
        raise ConnectionError("the page was not drawn")

    async def ask(self, question: str) -> tuple[float, float]:
        """Ask, and return how long the first words and the whole answer took."""
        states = WidgetStates()
        states.widgets.add(id=self.box).chat_input_value.data = question
        asked = BackMsg()
        asked.rerun_script.widget_states.CopyFrom(states)
        began, first = time.perf_counter(), 0.0
        await self.socket.send(asked.SerializeToString())
        self.drawn = b""
        async for _ in self._messages():
            if not first and b'class="as-answer' in self.drawn:
                first = time.perf_counter() - began
            if ANSWERED in self.drawn:
                return first, time.perf_counter() - began
        raise ConnectionError("no answer came")

    async def _messages(self) -> AsyncIterator[ForwardMsg]:
        async with asyncio.timeout(PATIENCE):
            async for payload in self.socket:
                message = ForwardMsg.FromString(payload if isinstance(payload, bytes) else payload.encode())
                if message.HasField("delta"):
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


async def measured(house: House, people: Sequence[str], questions: int) -> dict[str, Any]:
    """Let them all in, and let them ask."""
    ui = next(one for one in psutil.Process(house.process.pid).children(recursive=True) if "streamlit" in one.cmdline())
    api = psutil.Process(house.process.pid)
    warm = await opened(house, people[0])
    await warm.run()
    before = _megabytes(ui)
    sessions = await asyncio.gather(*(opened(house, person) for person in people))
    pages = await asyncio.gather(*(one.run() for one in sessions))
    with_pages = _megabytes(ui)
    firsts, wholes = [], []
    for number in range(questions):
        times = await asyncio.gather(*(one.ask(QUESTIONS[number % len(QUESTIONS)]) for one in sessions))
        firsts += [first for first, _ in times]
        wholes += [whole for _, whole in times]
    after = _megabytes(ui)
    alone = await warm.ask(QUESTIONS[0])
    for one in (*sessions, warm):
        await one.socket.close()
    return {
        "sessions": len(people),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "page": _spread(pages),
        "first_words": _spread(firsts),
        "answer": _spread(wholes),
        "answer_alone": round(alone[1], 3),
        "ui_mb": {"before": before, "pages": with_pages, "answers": after},
        "ui_mb_per_session": round((after - before) / len(people), 2),
        "api_mb": _megabytes(api),
    }


def _megabytes(process: psutil.Process) -> float:
    return round(process.memory_info().rss / 1e6, 1)


def _spread(times: Sequence[float]) -> dict[str, float]:
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    return {"p50": round(statistics.median(ordered), 3), "p95": round(p95, 3), "most": round(ordered[-1], 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--questions", type=int, default=2)
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
            print(json.dumps(asyncio.run(measured(house, people, chosen.questions)), indent=2))


if __name__ == "__main__":
    main()
