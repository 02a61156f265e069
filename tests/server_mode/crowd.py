"""People who ask, search, list and read through nginx all the time, and see that they are shown only what is theirs."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping

import httpx

from tests.server_mode.ledger import Paper, Rights
from tests.server_mode.papers import FIXED, MOVING, READERS, WANDERER, Shelf
from tests.server_mode.records import Records, Sample, error_of

SOURCE = "papers"
_TIMEOUT = httpx.Timeout(60.0, connect=5.0)


class Visitor:
    """Somebody with a token.

    Args:
        url: of nginx.
        person: who.
        token: theirs.
        shelf: the documents.
        rights: who may read which.
        records: take what comes of it.
        seed: of what is chosen.
    """

    def __init__(
        self, url: str, person: str, token: str, shelf: Shelf, rights: Rights, records: Records, seed: int
    ) -> None:
        self.person = person
        self._shelf, self._rights, self._records = shelf, rights, records
        self._dice = random.Random(seed)
        self._talks: list[str] = []
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=_TIMEOUT, trust_env=False
        )

    def turn(self) -> None:
        """Do one thing."""
        paper = self._dice.choice(self._shelf.there())
        does = self._dice.choices(
            (self.search, self.ask, self.list, self.read, self.begin_talk, self.read_talk), (52, 4, 5, 25, 2, 12)
        )[0]
        does(paper)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def search(self, paper: Paper) -> None:
        """Search for a document, whoever may read it."""
        self._call("search", "POST", "/api/search", json={"query": f"code word of project {paper.name}", "limit": 5})

    def ask(self, paper: Paper) -> None:
        """Ask for what stands in a document."""
        self._call("ask", "POST", "/api/ask", json={"question": f"What is the code word of project {paper.name}?"})

    def list(self, paper: Paper) -> None:
        """List what there is."""
        self._call("list", "GET", "/api/documents", params={"source": SOURCE, "limit": 10_000})

    def read(self, paper: Paper) -> None:
        """Open a document; one that was shown in its version must be there in that or a newer one."""
        with self._shelf.mutex:
            version, seen = paper.version, paper.seen
        answer = self._call("read", "GET", "/api/documents/text", params={"source": SOURCE, "key": paper.key})
        if answer is None or self.person == WANDERER or paper.key.partition("/")[0] not in FIXED:
            return
        with self._shelf.mutex:
            untouched = paper.version == version and not paper.deleted
            if answer.status_code == 200:
                shown = next((n for n in range(paper.version, 0, -1) if f"This is version {n}." in answer.text), 0)
                if shown < seen:
                    self._records.lost.append(f"{paper.key}: version {shown} shown after version {seen}")
                paper.seen = max(paper.seen, shown)
            elif answer.status_code == 404 and seen and untouched and self._rights.current.may(self.person, paper.key):
                self._records.lost.append(f"{paper.key}: not there for {self.person} after it was seen")

    def begin_talk(self, paper: Paper) -> None:
        """Ask in a conversation that is kept."""
        question = f"What is the code word of project {paper.name}?"
        answer = self._call("talk", "POST", "/api/conversations", json={"question": question})
        if answer is not None and answer.status_code == 201:
            self._talks.append(answer.json()["conversation"]["id"])

    def read_talk(self, paper: Paper) -> None:
        """Read a conversation again: what it told of a document must be gone with the right to it."""
        if self._talks:
            self._call("read talk", "GET", f"/api/conversations/{self._dice.choice(self._talks)}")

    def _call(self, kind: str, method: str, path: str, **more: object) -> httpx.Response | None:
        """Call the API, keep what came of it, and look who is shown what; None where nothing came."""
        begin = time.monotonic()
        try:
            answer = self._http.request(method, path, **more)  # type: ignore[arg-type]
        except httpx.HTTPError as error:
            self._records.samples.append(Sample(kind, begin, time.monotonic(), type(error).__name__))
            return None
        end = time.monotonic()
        error = "" if kind == "read" and answer.status_code == 404 else error_of(answer)
        if kind == "ask" and not error:
            error = "" if "event: usage" in answer.text else "broken off"
        self._records.samples.append(Sample(kind, begin, end, error))
        shown = self._shelf.shown_in(answer.text)
        if answer.status_code == 404:  # it says again what was asked for
            shown -= {str(part["key"]) for part in more.values() if isinstance(part, dict) and "key" in part}
        for key in shown:
            if not self._rights.may_have(self.person, key, begin, end):
                self._records.wrong_rights.append(f"{kind}: {self.person} was shown {key}")
        self._records.count_shown(len(shown))
        return answer


class Admin:
    """Changes who reads a folder, and who is in a group; a change is repeated until it is confirmed.

    Args:
        url: of nginx.
        token: an admin's.
        rights: who may read what.
        records: take what comes of it.
        seed: of what is chosen.
    """

    def __init__(self, url: str, token: str, rights: Rights, records: Records, seed: int) -> None:
        self._rights, self._records = rights, records
        self._dice = random.Random(seed)
        self.changes = 0
        # A call that is given up might be done later, after the next change: so none is given up soon.
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=120.0, trust_env=False
        )

    def turn(self) -> None:
        """Change something."""
        policy = self._rights.current
        if self._dice.random() < 0.7:
            wanted = policy.with_readers(self._dice.choice(MOVING), self._dice.choice(READERS))
            path, body = f"/api/sources/{SOURCE}", {"readers": wanted.rule()}
        else:
            wanted = policy.with_groups(WANDERER, frozenset(self._dice.sample(["a", "b"], 1)))
            path, body = f"/api/people/{WANDERER}", {"groups": sorted(wanted.groups[WANDERER])}
        self._rights.ask(wanted)
        while not self._done(path, body):
            time.sleep(2.0)
        self._rights.confirm()
        self.changes += 1

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _done(self, path: str, body: Mapping[str, object]) -> bool:
        begin = time.monotonic()
        try:
            answer = self._http.patch(path, json=body)
            error = error_of(answer)
        except httpx.HTTPError as failed:
            error = type(failed).__name__
        self._records.samples.append(Sample("change of rights", begin, time.monotonic(), error))
        return not error
