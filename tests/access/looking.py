"""People look on the ways of `paths`, and what they see is held to what the model says that they may see."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

from tests.access.house import COMMON
from tests.access.oracle import Identity, Person, numbers_in
from tests.access.paths import CHEAP, DEAR, Visit
from tests.access.world import World

TALKING = {"conversation", "export", "turns", "stop_and_rename"}
KEPT = {*TALKING, "shared", "feedback_and_questions", "evaluations"}  # ways to what was kept of answers
CALLING = {name for name in DEAR if "ask" in name}  # those that a model answers
ALWAYS = ("listed_documents", "search")
FINDING = {*ALWAYS, "search_again"}  # they show all that may be read
WAYS = {**CHEAP, **DEAR}


class Looker:
    """Looks for people.

    Args:
        world: the house, and the model of it.
        chance: chooses.
    """

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world, self.chance = world, chance
        self.salts: dict[str, frozenset[int]] = {}
        self.asked = 0

    def look(self, person: Person, ways: Sequence[str]) -> None:
        """Let a person look on each of the ways, at a document and a conversation each."""
        talks = [talk for one in self.world.people for talk in one.talks[-2:]]
        with self.world.house.signed_in(person.token):
            for way in ways:
                if self.world.stream is None or way not in CALLING:
                    talk = self.chance.choice(talks or ["none"])
                    self.one_look(way, Visit(self.world.house, person, self.document(person), talk))

    def look_everywhere(self, way: str) -> None:
        """Let everybody look on one way at every document and every conversation."""
        oracle = self.world.oracle
        documents = sorted({*oracle.held, *self.world.gone})
        talks = [talk for one in self.world.people for talk in one.talks] or ["none"]
        looks = max(len(documents), len(talks)) if way not in CALLING else 1
        for person in self.world.people:
            with self.world.house.signed_in(person.token):
                for at in range(looks):
                    self.asked += 1  # nothing that was found before is found again because it was kept
                    question = f"What is the {COMMON} code? {self.asked}"
                    visit = (documents[at % len(documents)], talks[at % len(talks)], question)
                    self.one_look(way, Visit(self.world.house, person, *visit))

    def one_look(self, way: str, visit: Visit) -> None:
        """Look, and hold what is seen to what may be."""
        person, oracle = visit.person, self.world.oracle
        seen = WAYS[way](visit)
        allowed = oracle.seen_kept(person) if way in KEPT else oracle.seen_now(person)
        leaked = numbers_in(seen) - allowed - self._own(person)
        assert not leaked, f"{person.id} sees {leaked} by {way} of {visit.document}: {seen}"
        if way in TALKING and visit.talk not in person.talks:
            assert "NotFoundError" in seen or "NotSignedInError" in seen, f"{person.id} sees what others have asked"
        if way in FINDING:
            wanted = oracle.readable(person) if way == "listed_documents" else oracle.granted(person)
            missing = {key for _, key in wanted if key not in seen}
            assert not missing, f"{person.id} does not find by {way}: {missing}"
        if way == "what_there_is" and not person.is_out:
            counted = json.loads(seen.partition("\n")[0])["documents"]
            assert counted == len(oracle.readable(person)), f"{person.id} is told of {counted} documents"
        if way in CALLING:
            self.prompts_hold(person)

    def prompts_hold(self, person: Person) -> None:
        """Hold what a model was told for the person to what the person may see, and its salts to what they are for."""
        for asked in self.world.told_to_models():
            told = numbers_in(json.dumps(asked.body["messages"]))
            leaked = told - self.world.oracle.seen_kept(person)
            assert not leaked, f"a model was told {leaked} for {person.id}"
            salt, documents = asked.body["cache_salt"], _documents_of(asked.body["messages"])
            if salt:
                known = self.salts.setdefault(salt, documents)
                assert known == documents, "a prefix cache is shared by prompts of different documents"

    def the_log_is_quiet(self) -> None:
        """See that no text of a document was logged; keys are, where work on a document fails."""
        keys = set().union(*(numbers_in(key) for _, key in (*self.world.oracle.held, *self.world.gone)))
        said = numbers_in(self.world.house.log.taken()) & (set(range(1, self.world.count + 1)) - keys)
        assert not said, f"the log tells of documents: {said}"

    def document(self, person: Person) -> Identity:
        """Return a document to ask for: one that is closed to the person, mostly."""
        readable = self.world.oracle.readable(person)
        closed = sorted(self.world.oracle.held.keys() - readable)
        choice = self.chance.random()
        if closed and choice < 0.6:
            return self.chance.choice(closed)
        if readable and choice < 0.85:
            return self.chance.choice(sorted(readable))
        return self.chance.choice(self.world.gone)

    def _own(self, person: Person) -> set[int]:
        """Return the words in the names of what the person brought, which the person sees listed."""
        return set().union(*(numbers_in(key) for source, key in self.world.uploads if source == f"uploads-{person.id}"))


def _documents_of(messages: list[dict[str, Any]]) -> frozenset[int]:
    """Return the words in the documents of a prompt, without those of the conversation behind them."""
    told = json.dumps([message for message in messages if message["role"] == "user"][:1])
    return frozenset(numbers_in(told.partition("The conversation so far")[0]))
