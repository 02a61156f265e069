"""What has to happen in a house before a planted bug shows."""

from __future__ import annotations

from tests.access.house import FILES
from tests.access.oracle import numbers_in
from tests.access.world import World


def stream_loses(world: World) -> None:
    """An answer is held open, and its person's group goes meanwhile."""
    person = world.oracle.people["eve"]
    world.hold_stream(person)
    world.regroup(person, "g4")
    try:
        world.end_stream()
    finally:
        world.regroup(person, "g4")


def goes_on(world: World) -> None:
    """Somebody goes on with a conversation whose documents are closed."""
    person = world.oracle.people["ann"]
    world.count += -world.count % 3  # so that it is that conversation
    world.wait(person, world.ask(person, {"question": "And what else?", "mode": "chunks"}))
    for asked in world.told_to_models():
        assert numbers_in(str(asked.body["messages"])) <= world.oracle.seen_kept(person), "a model was told"


def revoked(world: World) -> None:
    person = world.oracle.people["ann"]
    world.house.app.people.revoke(person.token, world.house.user("ann"))
    former, person.token = person.token, world.house.new_token("ann")
    with world.house.signed_in(former):
        assert world.house.client.get("/api/documents").status_code == 401, "a revoked token signs in"


def unshared(world: World) -> None:
    """What was shared with all is shared with nobody."""
    identity = ("uploads-bob", "zq900010q.txt")
    world.share_upload(identity, ["everyone"])
    world.sync("uploads-bob")
    world.share_upload(identity, [])


def ruled(world: World) -> None:
    """A rule takes away what it gave, before any sync."""
    world.set_rules(("everyone",), [])
    world.sync(FILES)
    world.set_rules(("g3",), [])


def expired(world: World) -> None:
    """What a break-glass act opened is closed again."""
    person = world.oracle.people["dan"]
    closed = sorted(world.oracle.held.keys() - world.oracle.readable(person))[0]
    world.break_glass(person, closed)
    world.break_glass(person, closed)


def removed(world: World) -> None:
    world.remove_file(next(one for one in sorted(world.files) if one.startswith("a/")))
    world.sync(FILES)


def switched(world: World) -> None:
    """A request of somebody who is disabled is refused."""
    person = world.oracle.people["bob"]
    world.switch(person)
    try:
        with world.house.signed_in(person.token):
            assert world.house.client.get("/api/documents").status_code == 401, "a disabled person signs in"
    finally:
        world.switch(person)
