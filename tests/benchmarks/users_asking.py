"""The people of `users_load` at their desks: a process of its own that asks, searches and reads as they do, and checks.

    python -m tests.benchmarks.users_asking PLAN.json RESULT.json

Each person waits between two actions as people do (exponentially distributed), begins a conversation, goes on with it,
searches, opens a document that was found, or looks at the conversations. What comes back is held against the person's
rights: each hit, citation, planned document and amount in a text.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.benchmarks import users_company as company

TIMEOUT = 120.0
ACTIONS = {"ask": 30, "follow up": 20, "search": 25, "open": 15, "conversations": 10}  # of a hundred
FOREIGN = 0.1  # of the documents that are opened: one that the person may not read, to see that it is refused


@dataclass(slots=True)
class Result:
    """What came of it.

    Attributes:
        calls: kind, seconds since the beginning, seconds that it took.
        errors: kind, what happened, seconds since the beginning.
        leaks: what somebody saw of a folder that is not for them.
        answers: how many there were, with verified citations, not found and so on.
        cpu_seconds: of this process.
    """

    calls: list[tuple[str, float, float]] = field(default_factory=list)
    errors: list[tuple[str, str, float]] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    cpu_seconds: float = 0.0

    def count(self, name: str, by: int = 1) -> None:
        """Count one more of these."""
        self.answers[name] = self.answers.get(name, 0) + by


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody with a session.

    Attributes:
        id: of the account.
        folders: that the person may read.
        session: what signs in.
    """

    id: str
    folders: Sequence[str]
    session: str


class FailedError(Exception):
    """An action did not end as it should; its text is what the errors are counted by."""


class Desk:
    """One person's work.

    Args:
        asker: who.
        client: an HTTP client of this person alone, as a browser is.
        cities: how many there are documents about.
        think: mean seconds between two actions.
        began: when it all began, by `time.perf_counter`.
        result: takes what comes of it.
    """

    def __init__(
        self, asker: Asker, client: httpx.AsyncClient, cities: int, think: float, began: float, result: Result
    ) -> None:
        self._asker, self._client, self._think, self._began, self._result = asker, client, think, began, result
        self._dice = random.Random(asker.id)
        self._conversation = ""
        self._seen: list[tuple[str, int, int]] = []  # places that were found: key, start, end
        self._askable = [
            (city, thing)
            for folder in asker.folders
            for _, city, topic in company.keys(folder, cities)
            for thing in company.TOPICS[topic]
        ]
        others = [name for name in company.FOLDERS if name not in asker.folders]
        self._foreign = [key for folder in others for key, *_ in company.keys(folder, cities)]

    async def work(self, until: float, first: Sequence[str] = ()) -> None:
        """Act and wait in turn; what is to be done `first`, and what has begun, is brought to its end."""
        ahead = list(first)
        while True:
            await asyncio.sleep(self._dice.expovariate(1 / self._think))
            if not ahead and time.perf_counter() >= until:
                return
            kind = ahead.pop(0) if ahead else self._dice.choices(tuple(ACTIONS), tuple(ACTIONS.values()))[0]
            try:
                await self._act(kind)
            except FailedError as error:
                self._failed(kind, str(error))
            except httpx.HTTPError as error:
                self._failed(kind, type(error).__name__)

    async def _act(self, kind: str) -> None:
        if kind == "ask" or (kind == "follow up" and not self._conversation):
            await self._ask(new=True)
        elif kind == "follow up":
            await self._ask(new=False)
        elif kind == "search" or (kind == "open" and not self._seen):
            await self._search()
        elif kind == "open":
            await self._open()
        else:
            await self._look()

    async def _ask(self, *, new: bool) -> None:
        city, thing = self._dice.choice(self._askable)
        text = f"What does a {thing} cost at most in {city}?"
        started = time.perf_counter()
        if new:
            begun = await self._call("question", "POST", "/api/conversations", json={"question": text})
            self._conversation, turn = begun["conversation"]["id"], begun["turn"]["id"]
        else:
            path, text = f"/api/conversations/{self._conversation}/turns", f"And what does {text[10:]}"
            turn = (await self._call("question", "POST", path, json={"question": text}))["id"]
        told = await self._follow(turn, started)
        self._took("answer", started)
        self._result.calls.append(
            (
                "answer beyond the model",
                started - self._began,
                self._since(started) - company.model_seconds(told["answer"]),
            )
        )
        self._judge(told, city, thing)

    async def _follow(self, turn: str, started: float) -> dict[str, Any]:
        """Read an answer's events to the end; return the turn as it is stored."""
        path = f"/api/conversations/{self._conversation}/turns/{turn}/events"
        name, wrote, said = "", False, ""
        async with self._client.stream("GET", path) as response:
            if response.status_code != 200:
                await response.aread()
                raise _refused(response)
            async for line in response.aiter_lines():
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: ") and name == "text":
                    if not wrote:
                        self._took("first words", started)
                    wrote = True
                    said += json.loads(line[6:])["delta"]
                elif line.startswith("data: ") and name in {"turn", "error"}:
                    told: dict[str, Any] = json.loads(line[6:])
                    if name == "error":
                        raise FailedError(f"stream ended with {told.get('code')}")
                    if said and said != told["answer"]:  # of an answer that was there already, nothing is streamed
                        self._result.count("streamed text was another than the stored one")
                    return told
        raise FailedError("stream ended without its turn")

    def _judge(self, turn: Mapping[str, Any], city: str, thing: str) -> None:
        """Hold an answer against what it has to be: complete, cited, and of what the person may read."""
        count = self._result.count
        count("answers")
        if turn["state"] != "complete" or turn["error"] or turn["fallback"]:
            reason = "fallback" if turn["fallback"] else f"{turn['state']}: {(turn['error'] or {}).get('code')}"
            raise FailedError(f"answer was {reason}")
        plan = turn["plan"] or {}
        documents = [*plan.get("documents", ()), *plan.get("left_out", ())]
        documents += [one["document"] for one in (*plan.get("passages", ()), *turn["citations"]) if one["document"]]
        self._check([one["key"] for one in documents], "an answer")
        self._amounts(turn["answer"], "an answer")
        self._seen = [(one["document"]["key"], one["start"], one["end"]) for one in turn["citations"]] or self._seen
        if not turn["found"]:
            count("not found")
            return
        count("found")
        count("citations", len(turn["citations"]))
        count("unverified citations", sum(not one["verified"] for one in turn["citations"]))
        count("answers without a citation", int(not turn["citations"]))
        count("of another thing", int(f"In {city} a {thing} costs" not in turn["answer"]))

    async def _search(self) -> None:
        city, thing = self._dice.choice(self._askable)
        query = self._dice.choice((f"{thing} {city}", f"price of a {thing} in {city}", f"{city} {thing} costs"))
        found = await self._call("search", "POST", "/api/search", json={"query": query})
        self._result.count("hits", len(found["hits"]))
        self._result.count("searches without a hit", int(not found["hits"]))
        for hit in found["hits"]:
            self._check([one["key"] for one in (hit["document"], *hit["also"])], "a search")
            self._amounts(hit["text"], "a search")
        self._seen = [(hit["document"]["key"], hit["start"], hit["end"]) for hit in found["hits"]] or self._seen

    async def _open(self) -> None:
        """Open the page of a document that was found, as the panel beside the chat does."""
        if self._dice.random() < FOREIGN and self._foreign:
            await self._try_foreign(self._dice.choice(self._foreign))
            return
        key, start, end = self._dice.choice(self._seen)
        place = {"source": "company", "key": key}
        text = await self._call("document text", "GET", "/api/documents/text", params=place)
        self._check([text["document"]["key"]], "a document")
        self._amounts(text["text"], "a document")
        if key.endswith(".pdf"):
            place |= {"start": str(start), "end": str(end)}
            await self._call("page image", "GET", "/api/documents/page-image", params=place)

    async def _try_foreign(self, key: str) -> None:
        started = time.perf_counter()
        params = {"source": "company", "key": key}
        response = await self._client.get("/api/documents/text", params=params)
        if response.status_code == 200:
            self._result.leaks.append(f"{self._asker.id} opened {key}")
        elif response.status_code != 404:
            raise _refused(response)
        self._took("foreign document refused", started)

    async def _look(self) -> None:
        """Look at the list of conversations, and open one of them again."""
        listed = await self._call("list of conversations", "GET", "/api/conversations")
        if listed["conversations"]:
            one = self._dice.choice(listed["conversations"])["id"]
            opened = await self._call("conversation", "GET", f"/api/conversations/{one}")
            for turn in opened["turns"]:
                self._amounts(turn["answer"], "a conversation")

    async def _call(self, kind: str, method: str, path: str, **more: Any) -> dict[str, Any]:
        started = time.perf_counter()
        response = await self._client.request(method, path, **more)
        if response.status_code not in {200, 201}:
            raise _refused(response)
        self._took(kind, started)
        told: dict[str, Any] = response.json() if "json" in response.headers["content-type"] else {}
        return told

    def _check(self, keys: Sequence[str], where: str) -> None:
        foreign = [key for key in keys if key.partition("/")[0] not in self._asker.folders]
        self._result.count("documents seen", len(keys))
        self._result.leaks += [f"{self._asker.id} saw {key} in {where}" for key in foreign]

    def _amounts(self, text: str, where: str) -> None:
        foreign = company.foreign_amounts(text, self._asker.folders)
        self._result.leaks += [f"{self._asker.id} read the amount {amount} in {where}" for amount in foreign]

    def _since(self, started: float) -> float:
        return time.perf_counter() - started

    def _took(self, kind: str, started: float) -> None:
        self._result.calls.append((kind, started - self._began, self._since(started)))

    def _failed(self, kind: str, what: str) -> None:
        self._result.errors.append((kind, what, time.perf_counter() - self._began))


def _refused(response: httpx.Response) -> FailedError:
    """Return what an answer is counted as that is none; 429 says whether it tells when to come again."""
    try:
        code = response.json().get("code", "")
    except ValueError:
        code = ""
    again = " with Retry-After" if "retry-after" in response.headers else ""
    return FailedError(f"HTTP {response.status_code} {code}{again}".strip())


async def asked(
    address: str, askers: Sequence[Asker], cities: int, seconds: float, think: float, *, each: bool = False
) -> Result:
    """Let everybody work for so long, and `each` do everything once at least; return what came of it."""
    result = Result()
    began = time.perf_counter()
    clients = [
        httpx.AsyncClient(
            base_url=address,
            headers={"Cookie": f"assistant_session={asker.session}", "Origin": address},
            timeout=TIMEOUT,
            verify=False,  # noqa: S501 (plain HTTP: no certificates are read a hundred times)
            trust_env=False,
        )
        for asker in askers
    ]
    try:
        desks = [Desk(*pair, cities, think, began, result) for pair in zip(askers, clients, strict=True)]
        await asyncio.gather(*(desk.work(began + seconds, tuple(ACTIONS) if each else ()) for desk in desks))
    finally:
        await asyncio.gather(*(client.aclose() for client in clients))
    result.cpu_seconds = time.process_time()
    return result


def main() -> None:
    """Read a plan, work by it, write what came of it."""
    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    askers = [Asker(**one) for one in plan["askers"]]
    work = asked(plan["address"], askers, plan["cities"], plan["seconds"], plan["think"], each=plan.get("each", False))
    result = asyncio.run(work)
    Path(sys.argv[2]).write_text(json.dumps(asdict(result)), encoding="utf-8")


if __name__ == "__main__":
    main()
