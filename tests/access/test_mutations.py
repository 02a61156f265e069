"""Each bug that is planted is found: somebody sees what they may not, or does not find what they may read."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.access.house import COMMON, FILES, TOLD, opened_house
from tests.access.looking import WAYS, Looker
from tests.access.mutations import LAYERED, MUTATIONS, Mutation
from tests.access.oracle import Readers
from tests.access.world import World, principals


def scene(world: World) -> None:
    """Let so much happen that each way has something to hide."""
    for folder, kind in (("a", "txt"), ("a", "csv"), ("b", "csv"), ("b/c", "zip"), ("b/c", "md"), ("b/c", "txt")):
        world.add_file(folder, kind)
    world.count += (1 - world.count) % 3  # so that the next one has a picture
    world.add_file("a", "md")
    world.nest("g1", "g4")
    open_to = ("g0", "g1")
    world.set_rules(("everyone",), [("a", open_to, ()), ("b/c", ("g1", "g2"), ("user:bob",))])
    world.tell(None, Readers(principals(["g1", "g3"]), principals(["user:dan"])), new_text=True)
    for source in (FILES, TOLD):
        world.sync(source)
    people = world.oracle.people
    world.upload(people["ann"], "zq900000q.txt", [])
    world.upload(people["bob"], "zq900010q.txt", ["g0"])
    for name in ("ann", "bob"):
        world.sync(f"uploads-{name}")
        body = {"question": f"What is the {COMMON} code? Use tools.", "mode": "corpus"}
        world.wait(people[name], world.ask(people[name], body))
    for identity in sorted(world.oracle.readable(people["ann"])):
        world.give_feedback(people["ann"], identity)
    world.regroup(people["ann"], "g0")  # what ann was told of is closed to her now
    world.set_rules(("everyone",), [("a", ("g1",), ("user:bob",)), ("b/c", ("g1",), ("user:bob",))])  # and no sync
    world.told_to_models()


@contextmanager
def set_up() -> Iterator[World]:
    with opened_house() as house:
        made = World(house)
        scene(made)
        yield made


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with set_up() as made:
        yield made


def is_found(world: World, mutation: Mutation, way: str | None) -> bool:
    looker = Looker(world, random.Random(1))
    try:
        if mutation.act is not None:
            mutation.act(world)
        if way is not None:
            looker.look_everywhere(way)
        looker.the_log_is_quiet()
    except AssertionError:
        return True
    finally:
        world.told_to_models()
        world.house.log.taken()
    return False


def test_nothing_is_found_where_nothing_is_planted() -> None:
    """Neither in the scene, nor after all that happens in it."""
    with set_up() as world:
        looker = Looker(world, random.Random(1))
        for way in WAYS:
            looker.look_everywhere(way)
        for act in dict.fromkeys(one.act for one in MUTATIONS if one.act):
            act(world)
        for way in ("listed_documents", "text", "conversation"):
            looker.look_everywhere(way)
        looker.the_log_is_quiet()


CASES = [(one, way) for one in MUTATIONS for way in (one.ways or (None,))]


@pytest.mark.parametrize(("mutation", "way"), CASES, ids=[f"{one.name} - {way}" for one, way in CASES])
def test_a_planted_bug_is_found(
    mutation: Mutation, way: str | None, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as closing:
        there = closing.enter_context(set_up()) if mutation.spoils else world
        mutation.plant(closing.enter_context(monkeypatch.context()))
        assert is_found(there, mutation, way)


@pytest.mark.parametrize("mutation", LAYERED, ids=lambda one: one.name)
def test_one_of_two_checks_is_enough(mutation: Mutation, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    mutation.plant(monkeypatch)
    assert not any(is_found(world, mutation, way) for way in mutation.ways)


def test_each_way_has_a_bug_that_is_found_on_it() -> None:
    nothing_to_hide = {"sources_and_runs"}
    assert {way for one in MUTATIONS for way in one.ways} == WAYS.keys() - nothing_to_hide
