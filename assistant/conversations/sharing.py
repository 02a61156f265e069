"""A conversation for others to look at: the questions, and of the answers what the reader may read oneself.

Sharing a conversation shares no document. A reader sees an answer where the reader may read, now, all that it was made
from; else the whole of it is withdrawn, and so is what was answered later with it in mind. What no reader's rights can
be asked for withdraws it too: pictures that were attached, and results of tools that rest on no document. Citations
stay one by one, as `shown` gives them with the reader's rights.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from assistant.catalog import Conversations, ShareRecord, TurnRecord
from assistant.conversations.shown import WITHDRAWN, Rights, ShownCitation, ShownTurn, read_for, shown, without_words
from assistant.conversations.stored import citations_of, plan_of, uses_of
from assistant.conversations.titles import title_of
from assistant.conversations.tree import branch
from assistant.errors import ConfigurationError, NotFoundError
from assistant.types import Access, User

DAYS, MOST_DAYS = 30, 365
_DAY = 86_400.0
_MOST_READERS = 100
_MOST_SHARES = 100  # of a conversation that hold at once: whoever opens the page looks through all


@dataclass(frozen=True, slots=True)
class SharedConversation:
    """A conversation as a reader of a share may see it now.

    Attributes:
        share: what is shared.
        title: the first question, unless the owner gave another; never one that a model made of what it read.
        turns: up to the one that was the last when it was shared.
    """

    share: ShareRecord
    title: str
    turns: tuple[ShownTurn, ...]


class ShareDesk:
    """Makes and ends shares for owners, and shows them to readers.

    Args:
        conversations: the catalog's.
        rights: say what a reader may read, and which tools a reader may use.
    """

    def __init__(self, conversations: Conversations, rights: Rights) -> None:
        self._conversations = conversations
        self._shares = conversations.shares
        self._rights = rights

    def add(self, owner: User, conversation: str, readers: Iterable[str], days: int = DAYS) -> ShareRecord:
        """Share a conversation, as far as it goes now.

        Args:
            owner: whose it is.
            conversation: its id.
            readers: groups' names, and `user:ID` for people.
            days: for how long.

        Raises:
            NotFoundError: the owner has no such conversation.
            ConfigurationError: nobody is named, somebody is denied, the days are wrong, or it is shared too often.
        """
        access = Access.of_names(readers)
        if not access.allow or access.deny or len(access.allow) > _MOST_READERS:
            raise ConfigurationError(
                f"a conversation is shared with 1 to {_MOST_READERS} groups and people", "name them: sales, user:ann"
            )
        if not 1 <= days <= MOST_DAYS:
            raise ConfigurationError(f"a conversation is not shared for {days} days", f"choose 1 to {MOST_DAYS}")
        now = time.time()
        held = [one for one in self._shares.of(owner, conversation) if one.ended_at is None and one.expires_at > now]
        if len(held) >= _MOST_SHARES:
            raise ConfigurationError(f"the conversation is shared {_MOST_SHARES} times already", "end some of them")
        return self._shares.add(owner, conversation, access.allow, now + days * _DAY)

    def of(self, owner: User, conversation: str) -> list[ShareRecord]:
        """Return all shares of a conversation, ended ones too, oldest first. Raises NotFoundError."""
        return self._shares.of(owner, conversation)

    def end(self, owner: User, conversation: str, share: str) -> ShareRecord:
        """End a share, from the next request on. Raises NotFoundError."""
        return self._shares.end(owner, conversation, share)

    def with_me(self, reader: User) -> list[tuple[ShareRecord, str]]:
        """Return what is shared with a reader now, the newest first, each with its title."""
        mine = [share for share in self._shares.open_now() if _is_for(share, reader)]
        titles = self._titles(mine)
        return [(share, titles[share.id]) for share in mine if share.id in titles]

    def read(self, reader: User, share: str) -> SharedConversation:
        """Return a shared conversation as the reader may see it now.

        Raises:
            NotFoundError: there is no such share that holds and is for this reader.
        """
        found = next((one for one in self._shares.open_now(share) if _is_for(one, reader)), None)
        title = None if found is None else self._titles([found]).get(found.id)
        if found is None or title is None:
            raise NotFoundError(f"nothing is shared with you as {share!r}", "ask whoever sent the link")
        owner = User(found.owner)
        nodes = self._conversations.nodes(owner, found.conversation)
        wanted = self._conversations.turns(owner, found.conversation, branch(nodes, found.turn))
        turns = shown(wanted, nodes, reader, self._rights)
        may = self._may(wanted, reader)
        seen = tuple(_for_reader(turn, may=turn.record.id in may) for turn in turns)
        return SharedConversation(found, title, seen)

    def _may(self, stored: Sequence[TurnRecord], reader: User) -> set[str]:
        """Return the ids of the turns whose whole answer the reader may read, with all that it was made from."""
        uses = {turn.id: uses_of(turn.answer) for turn in stored}
        made_from = {
            turn.id: read_for(turn, plan_of(turn.plan)).union(*(use.rests_on for use in uses[turn.id]))
            for turn in stored
        }
        cited = {turn.id: {one.passage.ref.id for one in citations_of(turn.answer)} for turn in stored}
        every = {one for found in (made_from, cited) for ids in found.values() for one in ids}
        readable = self._rights.library.readable(every, reader).keys()
        found: set[str] = set()
        for turn in sorted(stored, key=lambda one: one.number):
            alone = not turn.context.get("history", {}).get("turns")
            unasked = bool(turn.options.get("attachments")) or any(not use.rests_on for use in uses[turn.id])
            before = alone or all(one.id in found for one in stored if one.number < turn.number)
            if before and turn.state == "complete" and not unasked and made_from[turn.id] | cited[turn.id] <= readable:
                found.add(turn.id)
        return found

    def _titles(self, shares: Sequence[ShareRecord]) -> dict[str, str]:
        """Return what each share is called, by its id; one that has just been deleted is left out."""
        named = self._shares.named({share.conversation for share in shares})
        return {
            share.id: title_of(question) if record.titled_by == "model" else record.title
            for share in shares
            if share.conversation in named
            for record, question in [named[share.conversation]]
        }


def _for_reader(turn: ShownTurn, *, may: bool) -> ShownTurn:
    """Return a turn as others see it: without its plan, its pictures and what may not be read of its answer."""
    text = turn.record.text if may or not turn.record.text else WITHDRAWN
    citations = turn.citations if may else tuple(map(_bare, turn.citations))
    return replace(
        turn,
        record=replace(turn.record, text=text, plan={}, answer={}, error={}, options={}),
        plan=None,
        hidden=0,
        standalone="",
        citations=citations,
        withdrawn=turn.withdrawn or not may,
        tools=turn.tools if may else tuple(replace(without_words(use), reason="") for use in turn.tools),
    )


def _bare(one: ShownCitation) -> ShownCitation:
    """Return a citation of an answer that is withdrawn: without its place in it, and none of what was attached."""
    if one.citation is None:
        return one
    if one.citation.kind == "attachment":
        return ShownCitation(one.number, None, "gone", None)
    return replace(one, citation=replace(one.citation, statement=None))


def _is_for(share: ShareRecord, reader: User) -> bool:
    return reader.id == share.owner or not reader.principals.isdisjoint(share.principals)
