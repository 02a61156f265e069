"""What the API says of conversations beside their turns: what was thought of answers, and whom they are shared with."""

from __future__ import annotations

from dataclasses import dataclass

from ui.models import Citation, Json, ToolUse, Withdrawn


@dataclass(frozen=True, slots=True)
class Said:
    """What the person said of an answer: `up` or `down`, and why."""

    verdict: str
    cause: str = ""
    reason: str = ""

    @classmethod
    def read(cls, data: Json) -> Said:
        """Read what was said of one turn."""
        return cls(str(data["verdict"]), str(data.get("cause") or ""), str(data.get("reason") or ""))


@dataclass(frozen=True, slots=True)
class Share:
    """Whom a conversation is shared with; times are seconds since the epoch."""

    id: str
    readers: tuple[str, ...]
    created_at: float
    expires_at: float
    ended_at: float | None

    @classmethod
    def read(cls, data: Json) -> Share:
        """Read a share of an own conversation."""
        ended = data.get("ended_at")
        return cls(
            str(data["id"]),
            tuple(map(str, data["readers"])),
            float(data["created_at"]),
            float(data["expires_at"]),
            None if ended is None else float(ended),
        )


@dataclass(frozen=True, slots=True)
class ListedShare:
    """A conversation that somebody shares with the person."""

    id: str
    owner: str
    title: str
    created_at: float
    expires_at: float

    @classmethod
    def read(cls, data: Json) -> ListedShare:
        """Read an entry of `GET /api/shared`."""
        times = float(data["created_at"]), float(data["expires_at"])
        return cls(str(data["id"]), str(data["owner"]), str(data["title"]), *times)


@dataclass(frozen=True, slots=True)
class SharedTurn:
    """A question and its answer, as far as the person may read them."""

    question: str
    state: str
    text: str
    withdrawn: bool
    citations: tuple[Citation, ...]
    gone: tuple[Withdrawn, ...]
    tools: tuple[ToolUse, ...]

    @classmethod
    def read(cls, data: Json) -> SharedTurn:
        """Read a turn of a shared conversation."""
        cited = data.get("citations") or ()
        return cls(
            question=str(data["question"]),
            state=str(data["state"]),
            text=str(data["answer"]),
            withdrawn=bool(data["withdrawn"]),
            citations=tuple(Citation.read(one) for one in cited if not one.get("withdrawn")),
            gone=tuple(Withdrawn.read(one) for one in cited if one.get("withdrawn")),
            tools=tuple(map(ToolUse.read, data.get("tools") or ())),
        )


@dataclass(frozen=True, slots=True)
class SharedTalk:
    """A conversation that somebody shares with the person."""

    share: ListedShare
    turns: tuple[SharedTurn, ...]

    @classmethod
    def read(cls, data: Json) -> SharedTalk:
        """Read `GET /api/shared/ID`."""
        return cls(ListedShare.read(data), tuple(map(SharedTurn.read, data["turns"])))
