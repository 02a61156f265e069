"""Everything that changes who may read what, in any order; after each step people look on many ways at once."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import ExitStack

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.access.house import COMMON, FILES, TOLD, opened_house
from tests.access.looking import ALWAYS, Looker
from tests.access.oracle import Person, Readers
from tests.access.paths import CHEAP, DEAR
from tests.access.world import FOLDERS, GROUPS, KINDS, ROLES, World, principals

MOST_DOCUMENTS = 14
names = st.sampled_from((*GROUPS, "everyone", "user:ann", "user:bob", "user:cat"))
readers = st.lists(names, max_size=2).map(tuple)
denied = st.lists(names, max_size=1).map(tuple)
people = st.sampled_from(tuple(ROLES))
numbers = st.integers(0, 999)
folders = st.sampled_from(FOLDERS)
rarely = st.integers(0, 9)  # 0: what takes long is done
rules = st.lists(st.tuples(folders, readers, denied), max_size=2)
counted = {"steps": 0, "looks": 0}


class Rights(RuleBasedStateMachine):
    """See the module."""

    cheap, dear_share = 1, 0.07  # ways that each looker takes at a step; how often one of the dear ones besides

    def __init__(self) -> None:
        super().__init__()
        self.closing = ExitStack()
        self.world = World(self.closing.enter_context(opened_house()))
        self.oracle, self.house = self.world.oracle, self.world.house
        self.chance = random.Random(0)
        self.looker = Looker(self.world, self.chance)
        self.concerned: list[str] = []

    @initialize(seed=numbers, kinds=st.lists(st.tuples(folders, st.sampled_from(KINDS)), min_size=2, max_size=5))
    def begin(self, seed: int, kinds: list[tuple[str, str]]) -> None:
        self.chance.seed(seed)
        for folder, kind in kinds:
            self.world.add_file(folder, kind)
        self.world.set_rules(("everyone",), [("a", ("g0", "g1"), ()), ("b/c", ("g2",), ("user:eve",))])
        self.world.tell(None, Readers(principals(["g1", "user:bob"])), new_text=True)
        for source in (FILES, TOLD):
            self.world.sync(source)

    def _person(self, name: str) -> Person:
        self.concerned.append(name)
        return self.oracle.people[name]

    def _one(self, of: list[str], number: int) -> str:
        return sorted(of)[number % len(of)]

    # Documents

    @rule(folder=folders, kind=st.sampled_from(KINDS))
    def add(self, folder: str, kind: str) -> None:
        if len(self.world.files) < MOST_DOCUMENTS:
            self.world.add_file(folder, kind)
            self.world.sync(FILES)

    @precondition(lambda self: self.world.files)
    @rule(what=st.sampled_from(["change", "move", "remove"]), number=numbers, folder=folders, now=st.booleans())
    def edit(self, what: str, number: int, folder: str, now: bool) -> None:
        key = self._one(list(self.world.files), number)
        if what == "change":
            self.world.change_file(key)
        elif what == "move":
            self.world.move_file(key, folder)
        else:
            self.world.remove_file(key)
        if now:
            self.world.sync(FILES)

    @rule(default=readers, rules=rules, now=st.booleans())
    def change_rules(self, default: tuple[str, ...], rules: list, now: bool) -> None:
        self.world.set_rules(default or ("everyone",), rules)
        if now:
            self.world.sync(FILES)

    @rule(number=numbers, allow=readers, deny=denied, new=st.booleans(), new_text=st.booleans(), now=st.booleans())
    def tell(
        self, number: int, allow: tuple[str, ...], deny: tuple[str, ...], new: bool, new_text: bool, now: bool
    ) -> None:
        told = list(self.world.told)
        key = None if (new and len(told) < 5) or not told else self._one(told, number)
        self.world.tell(key, Readers(principals(allow), principals(deny)), new_text=new_text)
        if now:
            self.world.sync(TOLD)

    @precondition(lambda self: self.world.told)
    @rule(number=numbers)
    def stop_telling(self, number: int) -> None:
        self.world.remove_told(self._one(list(self.world.told), number))
        self.world.sync(TOLD)

    @rule(source=st.sampled_from([FILES, TOLD]))
    def sync(self, source: str) -> None:
        self.world.sync(source)

    @rule(name=people, number=st.integers(0, 2), allow=readers, now=st.booleans())
    def upload(self, name: str, number: int, allow: tuple[str, ...], now: bool) -> None:
        person = self._person(name)
        self.world.upload(person, f"zq{900_000 + 10 * list(ROLES).index(name) + number}q.txt", allow)
        self._sync_uploads(person.id, now)

    def _sync_uploads(self, person: str, now: bool) -> None:
        source = f"uploads-{person}"
        if now and self.house.app.catalog.sources.find(source) is not None:
            self.world.sync(source)

    @precondition(lambda self: self.world.uploads)
    @rule(number=numbers, allow=readers, remove=st.booleans(), now=st.booleans())
    def share(self, number: int, allow: tuple[str, ...], remove: bool, now: bool) -> None:
        uploads = sorted(self.world.uploads)
        identity = uploads[number % len(uploads)]
        if remove:
            self.world.remove_upload(identity)
        else:
            self.world.share_upload(identity, allow)
        self._sync_uploads(self.world.owner(identity).id, now)

    # People

    @rule(name=people, group=st.sampled_from(GROUPS))
    def regroup(self, name: str, group: str) -> None:
        self.world.regroup(self._person(name), group)

    @rule(parent=st.sampled_from(GROUPS), child=st.sampled_from(GROUPS))
    def nest(self, parent: str, child: str) -> None:
        self.world.nest(parent, child)

    @rule(name=people)
    def disable_or_enable(self, name: str) -> None:
        person = self._person(name)
        self.world.switch(person)
        if person.is_out and len([one for one in self.world.people if one.is_out]) > 2:
            self.world.switch(person)

    @rule(name=people)
    def another_token(self, name: str) -> None:
        person = self._person(name)
        self.house.app.people.revoke(person.token, self.house.user(name))
        with self.house.signed_in(person.token):
            assert self.house.client.get("/api/documents").status_code == 401
        person.token = self.house.new_token(name)

    @precondition(lambda self: self.oracle.held)
    @rule(name=st.sampled_from(["cat", "dan"]), number=numbers)
    def break_glass(self, name: str, number: int) -> None:
        held = sorted(self.oracle.held)
        self.world.break_glass(self._person(name), held[number % len(held)])

    # Answers

    @precondition(lambda self: self.world.stream is None)
    @rule(name=people, mode=st.sampled_from(["chunks", "documents", "corpus"]), tools=st.booleans())
    def ask(self, name: str, mode: str, tools: bool) -> None:
        person = self._person(name)
        words = " Use tools." if tools else ""
        body = {"question": f"What is the {COMMON} code?{words}", "mode": mode}
        self.world.wait(person, self.world.ask(person, body))
        self.looker.prompts_hold(person)

    @precondition(lambda self: self.world.stream is None)
    @rule(name=people)
    def hold_a_stream(self, name: str) -> None:
        self.world.hold_stream(self._person(name))

    @precondition(lambda self: self.world.stream is not None)
    @rule()
    def end_the_stream(self) -> None:
        self.world.end_stream()
        self.world.told_to_models()

    @precondition(lambda self: self.oracle.held)
    @rule(name=people, number=numbers)
    def feedback(self, name: str, number: int) -> None:
        held = sorted(self.oracle.held)
        self.world.give_feedback(self._person(name), held[number % len(held)])

    # The house

    @precondition(lambda self: self.world.stream is None)
    @rule(tokens=st.sampled_from([64, 128, 200]), back=st.booleans(), luck=rarely)
    def reindex(self, tokens: int, back: bool, luck: int) -> None:
        if luck:
            return
        if back and self.house.app.catalog.indexes.previous() is not None:
            self.house.go_back()
        elif tokens != self.house.app.served.chunk_tokens:
            self.house.reindex(tokens)

    @precondition(lambda self: self.world.stream is None)
    @rule(luck=rarely)
    def restart(self, luck: int) -> None:
        if not luck:
            self.house.restart()

    # What holds at every moment

    @invariant()
    def nobody_sees_what_is_not_theirs(self) -> None:
        counted["steps"] += 1
        others = [name for name in ROLES if name not in self.concerned[-1:]]
        for name in self.concerned[-1:]:
            self._look(self.oracle.people[name], ALWAYS)
        self._look(self.oracle.people[self.chance.choice(others)], [self.chance.choice(ALWAYS)])
        self.looker.the_log_is_quiet()

    def _look(self, person: Person, always: Sequence[str]) -> None:
        ways = [*always, *self.chance.sample(sorted(CHEAP), self.cheap)]
        if self.chance.random() < self.dear_share:
            ways.append(self.chance.choice(sorted(DEAR)))
        counted["looks"] += len(ways)
        self.looker.look(person, ways)

    def teardown(self) -> None:
        with self.closing:
            if self.world.stream is not None:
                self.world.end_stream()
