"""A right that is taken away is gone from the next request on: in caches, running answers and old conversations too."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

import pytest

from assistant.api.watched import watched
from assistant.types import LOCAL_OPERATOR, ToolResult, User
from tests.access.house import COMMON, FILES, TOLD, opened_house
from tests.access.looking import Looker
from tests.access.oracle import Identity, Person, Readers, numbers_in, word
from tests.access.world import World, principals

QUESTION = f"What is the {COMMON} code?"


class LedgerTool:
    """Tells what stands in no document, for a group."""

    name, description, writes = "ledger", "The ledger.", False
    parameters: ClassVar[dict[str, Any]] = {"type": "object", "properties": {}}

    def allows(self, user: User) -> bool:
        return "g4" in user.groups

    def run(self, arguments: Any, user: User) -> ToolResult:
        del arguments, user
        return ToolResult(f"The ledger says {word(777_777)}.", {})


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with opened_house() as house:
        yield World(house)


@pytest.fixture
def ann(world: World) -> Person:
    """Somebody who may read all: by the group g0, by name, and as everybody."""
    for key in list(world.files):
        world.remove_file(key)
    for folder in ("a", "b"):
        world.add_file(folder, "txt")
    world.set_rules(("everyone",), [("a", ("g0",), ())])
    if not world.told:
        world.tell(None, Readers(principals(["user:ann"])), new_text=True)
    for source in (FILES, TOLD):
        world.sync(source)
    person = world.oracle.people["ann"]
    if "g0" not in person.groups:
        world.regroup(person, "g0")
    world.told_to_models()
    return person


def of(world: World, folder: str) -> Identity:
    return next(one for one in world.oracle.held if one[0] == FILES and one[1].startswith(f"{folder}/"))


def search(world: World, person: Person) -> dict[str, Any]:
    with world.house.signed_in(person.token):
        found: dict[str, Any] = world.house.client.post("/api/search", json={"query": QUESTION, "explain": True}).json()
        return found


def waits(world: World, asked: int) -> None:
    """Wait until a model has been asked once more."""
    until = time.monotonic() + 60
    while len(world.house.model.asked) == asked:
        assert time.monotonic() < until
        time.sleep(0.005)


def leaves_group(world: World, person: Person) -> None:
    world.regroup(person, "g0")


def rule_changes(world: World, person: Person) -> None:
    del person
    world.set_rules(("everyone",), [("a", ("g3",), ())])


def is_denied(world: World, person: Person) -> None:
    world.set_rules(("everyone",), [("a", ("g0",), (f"user:{person.id}",))])


def is_deleted(world: World, person: Person) -> None:
    del person
    world.remove_file(of(world, "a")[1])
    world.sync(FILES)


TAKEN = pytest.mark.parametrize("take", [leaves_group, rule_changes, is_denied, is_deleted])
Take = Callable[[World, Person], None]


@TAKEN
def test_the_next_request_shows_nothing_though_the_search_was_kept(world: World, ann: Person, take: Take) -> None:
    key = of(world, "a")[1]
    search(world, ann)
    kept = search(world, ann)
    assert kept["trace"]["cached"]
    assert key in str(kept)
    take(world, ann)
    assert key not in str(search(world, ann))
    looker = Looker(world, world_chance())
    for way in ("text", "listed_documents", "search_again", "ask_everything", "mcp_read", "tool_read"):
        looker.look_everywhere(way)


def world_chance() -> Any:
    import random

    return random.Random(1)


def test_an_admin_changes_a_rule_over_the_api_and_no_sync_is_waited_for(world: World, ann: Person) -> None:
    key = of(world, "a")[1]
    body = {"readers": {"default": ["everyone"], "rules": [{"glob": "a/**", "readers": ["g3"]}]}}
    with world.house.signed_in(world.oracle.people["cat"].token):
        world.house.client.post(f"/api/sources/{FILES}/pause", json={})
        assert world.house.client.patch(f"/api/sources/{FILES}", json=body).status_code == 200
        world.house.client.post(f"/api/sources/{FILES}/resume", json={})
    assert world.house.app.catalog.sources.get(FILES).asked is not None  # what the rule gives comes with a sync
    with world.house.signed_in(ann.token):
        gone = world.house.client.get("/api/documents/text", {"source": FILES, "key": key})
    assert gone.status_code == 404


@TAKEN
def test_an_answer_that_is_written_ends(world: World, ann: Person, take: Take) -> None:
    """A client of `POST /api/ask`: no citation and no end of the answer comes, and little of its text."""
    hidden = world.oracle.held[of(world, "a")].numbers
    model, got = world.house.model, []
    model.gate.clear()
    headers = {"Authorization": f"Bearer {ann.token}"}
    asked = {"question": QUESTION, "mode": "corpus"}
    ask = threading.Thread(
        target=lambda: got.append(world.house.client.post("/api/ask", json=asked, headers=headers).text)
    )
    ask.start()
    try:
        waits(world, 0)
        take(world, ann)
        time.sleep(0.3)  # longer than text goes without being looked at
    finally:
        model.gate.set()
        ask.join(60)
    told = got[0].partition("event: text")
    assert not numbers_in(told[2]) & hidden
    assert '"code": "RightsLostError"' in got[0].split("\n\n")[-2]
    assert "event: citations" not in got[0]
    assert "event: usage" not in got[0]


@TAKEN
def test_an_answer_in_a_conversation_ends_and_is_kept_without_what_is_closed(
    world: World, ann: Person, take: Take
) -> None:
    hidden = world.oracle.held[of(world, "a")].numbers
    world.hold_stream(ann)
    assert world.stream is not None
    turn, got = world.stream.talk, world.stream.got
    take(world, ann)
    world.end_stream()  # looks at what the follower got
    last = got[0].strip().split("\n\n")[-1]
    assert "event: turn" in last
    assert not numbers_in(last) & hidden
    assert "RightsLostError" in last
    with world.house.signed_in(ann.token):
        stored = world.house.client.get(f"/api/conversations/{turn}").json()
    assert stored["state"] == "interrupted"
    assert stored["citations"] == []


def test_somebody_who_is_put_out_gets_no_more_of_a_running_answer(world: World, ann: Person) -> None:
    world.hold_stream(ann)
    assert world.stream is not None
    got = world.stream.got
    world.switch(ann)
    world.end_stream()
    world.switch(ann)
    assert "event: error" in got[0]
    assert "disabled" in got[0]
    assert not numbers_in(got[0].partition("event: text")[2])


def test_a_tool_that_is_called_later_in_an_answer_reads_with_the_rights_of_then(world: World, ann: Person) -> None:
    hidden = world.oracle.held[of(world, "a")].numbers
    real = world.house.app.registry.tools_for
    world.house.app.answerer.stream  # noqa: B018 (made before its tools are watched)

    def tools_for(user: User) -> Any:
        if "g0" in ann.groups:  # the group goes when the first call is about to be made
            world.regroup(ann, "g0")
        return real(world.house.user("ann"))

    body = {"question": f"{QUESTION} Use tools.", "mode": "chunks", "paths": ["b"]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.house.app.answerer._answering._agent, "_tools", tools_for)
        patch.setattr("assistant.api.events.watched", partial(watched, every=60.0))  # which may end the stream before
        with world.house.signed_in(ann.token):
            told = world.house.client.post("/api/ask", json=body).text
    assert "g0" not in ann.groups
    assert "tool_finished" in told
    assert not numbers_in(told) & hidden
    prompts = world.told_to_models()
    assert not numbers_in(str([one.body for one in prompts])) & hidden


@TAKEN
def test_an_old_conversation_shows_it_withdrawn_and_it_is_told_to_no_model(
    world: World, ann: Person, take: Take
) -> None:
    ann.talks.clear()
    hidden = world.oracle.held[of(world, "a")].numbers
    turn = world.ask(ann, {"question": QUESTION, "mode": "corpus"})
    world.wait(ann, turn)
    talk = turn.partition("/")[0]
    path = f"/api/conversations/{talk}"
    with world.house.signed_in(ann.token):
        assert numbers_in(world.house.client.get(path).text) >= hidden
        take(world, ann)
        for shown in (path, f"{path}/export", f"{path}/turns/{turn.rpartition('/')[2]}"):
            text = world.house.client.get(shown).text
            assert "[withdrawn]" in text
            assert not numbers_in(text) & hidden
        world.told_to_models()
        again = world.house.client.post(f"{path}/turns", json={"question": "And then?"}).json()
    world.wait(ann, f"{talk}/turns/{again['id']}")
    prompts = world.told_to_models()
    assert prompts
    assert not numbers_in(str([one.body["messages"] for one in prompts])) & hidden


def test_the_prefix_cache_is_another_when_the_scope_is(world: World, ann: Person) -> None:
    """Two who may read the same share it; who may read less, or read a newer version, does not."""

    def salt(person: Person) -> str:
        with world.house.signed_in(person.token):
            world.house.client.post("/api/ask", json={"question": QUESTION, "mode": "corpus", "sources": [FILES]})
        return str(world.told_to_models()[-1].body["cache_salt"])

    bob = world.oracle.people["bob"]
    world.regroup(bob, "g0")
    mine, theirs = salt(ann), salt(bob)
    assert mine
    assert mine == theirs
    world.regroup(bob, "g0")
    less = salt(bob)
    assert less != mine
    assert salt(ann) == mine
    leaves_group(world, ann)
    assert salt(ann) == less
    world.change_file(of(world, "b")[1])
    world.sync(FILES)
    assert salt(ann) != less


def test_what_a_tool_told_is_withdrawn_with_the_tool(world: World, ann: Person) -> None:
    """Its result rests on no document; who may not use the tool any more does not read it any more."""
    ann.talks.clear()  # what is said in a conversation on documents that are gone is withdrawn already
    registry = world.house.app.registry
    if "ledger" not in registry.tools:
        registry.add_tool(LedgerTool())
    if "g4" not in ann.groups:
        world.regroup(ann, "g4")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.access.house.CALLED", frozenset({"ledger"}))
        turn = world.ask(ann, {"question": f"{QUESTION} Use tools.", "mode": "chunks"})
        world.wait(ann, turn)
    with world.house.signed_in(ann.token):
        before = world.house.client.get(f"/api/conversations/{turn}").text
        assert word(777_777) in before
        world.regroup(ann, "g4")
        after = world.house.client.get(f"/api/conversations/{turn}").text
    assert word(777_777) not in after
    assert "[withdrawn]" in after


def test_the_operator_is_nobodys_group(world: World) -> None:
    """Who signs in is never the operator, who reads everything."""
    assert LOCAL_OPERATOR.id not in {one.id for one in world.house.app.catalog.people.all()}
