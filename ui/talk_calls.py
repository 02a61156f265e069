"""The calls on what happens to conversations after their answers: pinned, judged, shared."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from ui.calls import HttpCalls
from ui.talk_models import ListedShare, Said, Share, SharedTalk


class TalkCalls(HttpCalls):
    """See `HttpCalls`."""

    def pin(self, conversation: str, *, pinned: bool) -> None:
        """Keep a conversation at the top of the list, or not any more."""
        self._call("PATCH", _talk(conversation), json={"pinned": pinned})

    def said(self, conversation: str) -> dict[str, Said]:
        """Return what the person said of a conversation's answers, by the turn's id."""
        return self._read(
            lambda data: {str(one["turn"]): Said.read(one) for one in data["feedback"]},
            "GET",
            f"{_talk(conversation)}/feedback",
        )

    def say(self, conversation: str, turn: str, said: Said) -> None:
        """Say whether an answer was good, in place of what was said of it before."""
        body = {"verdict": said.verdict, "cause": said.cause, "reason": said.reason}
        self._call("PUT", f"{_talk(conversation)}/turns/{quote(turn, safe='')}/feedback", json=body)

    def take_back(self, conversation: str, turn: str) -> None:
        """Take back what was said of an answer."""
        self._call("DELETE", f"{_talk(conversation)}/turns/{quote(turn, safe='')}/feedback")

    def shares(self, conversation: str) -> tuple[Share, ...]:
        """Return whom a conversation is shared with, and was."""
        path = f"{_talk(conversation)}/shares"
        return self._read(lambda data: tuple(map(Share.read, data["shares"])), "GET", path)

    def share(self, conversation: str, readers: Sequence[str], days: int) -> Share:
        """Share a conversation, as far as it goes now, with groups and people (`user:ID`)."""
        body = {"readers": list(readers), "days": days}
        return self._read(Share.read, "POST", f"{_talk(conversation)}/shares", json=body)

    def end_share(self, conversation: str, share: str) -> None:
        """End a share."""
        self._call("DELETE", f"{_talk(conversation)}/shares/{quote(share, safe='')}")

    def shared_with_me(self) -> tuple[ListedShare, ...]:
        """Return what is shared with the person now, the newest first."""
        return self._read(lambda data: tuple(map(ListedShare.read, data["shared"])), "GET", "/api/shared")

    def shared(self, share: str) -> SharedTalk:
        """Return a conversation that somebody shares, as the person may read it."""
        return self._read(SharedTalk.read, "GET", f"/api/shared/{quote(share, safe='')}")

    def own_groups(self) -> tuple[str, ...]:
        """Return the names of the groups that the person is in."""
        return self._read(lambda data: tuple(map(str, data.get("groups") or ())), "GET", "/api/me")


def _talk(conversation: str) -> str:
    return f"/api/conversations/{quote(conversation, safe='')}"
