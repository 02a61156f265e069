"""A person's conversations as they are kept: listed, found again, read, named, pinned, deleted and brought back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from assistant.catalog import ConversationRecord, TurnNode
from assistant.catalog.conversation_list import SaidIn, holds, words_of
from assistant.conversations.attached import forget_attached
from assistant.conversations.live import Keeper
from assistant.conversations.parts import Conversation, Parts
from assistant.conversations.shown import ShownTurn, reads_all, rests_on, shown, told_of
from assistant.conversations.stored import clean, uses_of
from assistant.conversations.tree import branch, newest_leaf
from assistant.errors import ConfigurationError, NotFoundError
from assistant.types import ContextPlan, ToolUse, User

_LOOKED_AT_ONCE = 100  # turns


class Shelf:
    """See the module; the part of the desk that answers nothing.

    Args:
        parts: what it needs.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts, self._table = parts, parts.conversations
        self._keeper = Keeper(parts.conversations)

    def page(
        self, user: User, query: str = "", limit: int = 50, offset: int = 0
    ) -> tuple[list[ConversationRecord], int]:
        """Return a stretch of the user's conversations, the pinned and then the last used first, and their number.

        Args:
            user: whose.
            query: what the title holds, or words that stand in a question or in what the user may read of an answer.
            limit, offset: which stretch.
        """
        query = clean(query)
        if not query.strip():
            return self._table.page(user, limit=limit, offset=offset)
        asked = self._table.asked(user, query)
        return self._table.page(user, query, limit, offset, [*asked, *self._answered(user, query, set(asked))])

    def get(self, user: User, conversation: str, *, whole: bool = False) -> Conversation:
        """Return a conversation as it may be read now.

        Args:
            user: whose.
            conversation: its id.
            whole: with all turns in the order in which they were begun, not the branch that is shown alone.

        Raises:
            NotFoundError: the user has no such conversation.
        """
        record = self._table.get(user, conversation)
        nodes = self._table.nodes(user, conversation)
        wanted = [node.id for node in nodes] if whole else branch(nodes, record.shown)
        return Conversation(record, tuple(self._shown(user, conversation, nodes, wanted)))

    def turn(self, user: User, conversation: str, turn: str) -> ShownTurn:
        """Return a turn as it may be read now. Raises NotFoundError."""
        nodes = self._table.nodes(user, conversation)
        alone = self._shown(user, conversation, nodes, [find(nodes, turn, conversation).id])[0]
        if not alone.standalone:
            return alone
        # it may hold words of turns before it, which are looked at for that alone: their plans may be long
        return self._shown(user, conversation, nodes, branch(nodes, turn))[-1]

    def rests_on(self, user: User, turn: ShownTurn) -> set[str] | None:
        """Return the ids of all documents that an answer may repeat; None where it may repeat what no rights tell of.

        That is what was attached, and what a tool said that rests on no document, in this turn or one before it.
        """
        nodes = self._table.nodes(user, turn.record.conversation)
        before = self._table.turns(user, turn.record.conversation, branch(nodes, turn.record.id))
        if any(one.options.get("attachments") for one in before):
            return None
        if any(not use.rests_on for one in before for use in uses_of(one.answer)):
            return None
        return set[str]().union(*map(rests_on, before))

    def made_from(self, user: User, conversation: str, turn: str) -> set[str]:
        """Return the ids of what a turn rests on as it is stored, what its history may repeat included.

        Raises:
            NotFoundError: the user has no such turn.
        """
        nodes = self._table.nodes(user, conversation)
        (found,) = self._table.turns(user, conversation, [find(nodes, turn, conversation).id])
        return rests_on(found) | {*told_of(found)}

    def turn_ids(self, user: User, conversation: str) -> list[str]:
        """Return the ids of all turns of a conversation. Raises NotFoundError."""
        return [node.id for node in self._table.nodes(user, conversation)]

    def show(self, user: User, conversation: str, turn: str) -> None:
        """Show the branch that goes through this turn, to its newest end. Raises NotFoundError."""
        nodes = self._table.nodes(user, conversation)
        self._table.show(user, conversation, newest_leaf(nodes, find(nodes, turn, conversation).id))

    def rename(self, user: User, conversation: str, title: str) -> None:
        """Give a conversation another title.

        Raises:
            NotFoundError: the user has no such conversation.
            ConfigurationError: the title is blank.
        """
        title = " ".join(clean(title).split())
        if not title:
            raise ConfigurationError("the title is empty", "give the conversation a name")
        self._table.rename(user, conversation, title)

    def pin(self, user: User, conversation: str, *, pinned: bool) -> None:
        """Keep a conversation at the top of the list, or not any more. Raises NotFoundError."""
        self._table.pin(user, conversation, pinned=pinned)

    def delete(self, user: User, conversation: str, *, for_good: bool = False) -> None:
        """Delete a conversation, and stop what is being answered in it.

        Args:
            user: whose.
            conversation: its id.
            for_good: at once; else `restore` brings it back for a while.

        Raises:
            NotFoundError: the user has no such conversation.
        """
        if for_good:
            self._table.condemn(user, conversation)  # killed in between, `prune` does the rest
            forget_attached(self._parts.blobs, [conversation])
            self._table.remove(user, conversation)
        else:
            self._table.delete(user, conversation)
        self._keeper.try_to_store()  # which learns that its answers are not wanted any more

    def restore(self, user: User, conversation: str) -> ConversationRecord:
        """Bring a deleted conversation back. Raises NotFoundError."""
        return self._table.restore(user, conversation)

    def prune(self, before: float) -> int:
        """Forget for good what was deleted before that moment; returns how many conversations that are."""
        forget_attached(self._parts.blobs, self._table.due(before))  # first: without its row, nothing finds a file
        return len(self._table.prune(before))

    def reads_all(self, user: User, plan: ContextPlan) -> bool:
        """Whether the user may read, now, all that an answer under way is made from."""
        return reads_all(plan, user, self._parts.library)

    def reads(self, user: User, documents: Collection[str]) -> bool:
        """Whether the user may read, now, all of these documents."""
        return {*documents} <= self._parts.library.readable(documents, user).keys()

    def reads_use(self, user: User, use: ToolUse) -> bool:
        """Whether the user may read, now, all that a call tells of."""
        return use.rests_on <= self._parts.library.readable(use.rests_on, user).keys()

    def _answered(self, user: User, query: str, known: Collection[str]) -> set[str]:
        """Return the ids of conversations, but those known, with an answer in which the user may read the words now."""
        hits = [hit for hit in self._table.answered(user, query) if hit.conversation not in known]
        first = {hit.conversation: hit for hit in reversed(hits)}  # mostly these say it already
        rest = [hit for hit in hits if first[hit.conversation] is not hit]
        words, found = words_of(query), set[str]()
        for some in _batched([*first.values(), *rest], _LOOKED_AT_ONCE):
            unsure = [hit.turn for hit in some if hit.conversation not in found]
            wanted = self._table.turns_of(user, unsure) if unsure else []
            # without the nodes: of what they tell, versions and the question that was understood, nothing is looked at
            read = shown(wanted, (), user, self._parts)
            found.update(turn.record.conversation for turn in read if holds(turn.record.text, words))
        return found

    def _shown(
        self, user: User, conversation: str, nodes: Sequence[TurnNode], wanted: Sequence[str]
    ) -> list[ShownTurn]:
        return shown(self._table.turns(user, conversation, wanted), nodes, user, self._parts)


def find(nodes: Sequence[TurnNode], turn: str, conversation: str) -> TurnNode:
    """Return the node of a turn. Raises NotFoundError."""
    for one in nodes:
        if one.id == turn:
            return one
    raise NotFoundError(f"the conversation {conversation!r} has no turn {turn!r}", "load the conversation again")


def _batched(some: Iterable[SaidIn], size: int) -> Iterator[list[SaidIn]]:
    rest = iter(some)
    while batch := list(islice(rest, size)):
        yield batch
