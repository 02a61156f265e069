"""Several models with roles, costs and users: the cheapest one that can do what is asked, and why it is that one."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.errors import ConfigurationError, ModelServerError, NotFoundError, PromptTooLongError
from assistant.interfaces import ChatModel
from assistant.types import ModelInfo, ModelProfile, ModelRole, User

log = logging.getLogger(__name__)
_EVERYONE = "everyone"
# where no model has the role, or none with it fits
_INSTEAD: dict[ModelRole, ModelRole] = {"answer": "long", "fast": "answer", "vision": "answer"}
_WORDS: dict[ModelRole, str] = {
    "answer": "answers",
    "long": "long contexts",
    "fast": "quick tasks",
    "teacher": "teaching",
    "vision": "pictures",
}


@dataclass(frozen=True, slots=True)
class Member:
    """One model of the herd, with what the settings say of it."""

    profile: ModelProfile
    model: ChatModel


@dataclass(frozen=True, slots=True)
class Route:
    """Where a question goes: the model, what it can do, why it was chosen, and what that costs at most."""

    member: Member
    info: ModelInfo
    reason: str
    cost: float


@dataclass(frozen=True, slots=True)
class Room:
    """The model that takes the longest prompt for a question, and how many tokens that may have.

    `by_cost`: it is what the question may cost that ends it, and not the model's context.
    """

    member: Member
    info: ModelInfo
    tokens: int
    by_cost: bool


class Herd:
    """Knows the models and chooses among them.

    Args:
        members: in the order of the settings; of two that cost the same, the first is taken.
    """

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = tuple(members)

    def __bool__(self) -> bool:
        return bool(self.members)

    def offered(self, user: User) -> tuple[Member, ...]:
        """Return the models that this user may use."""
        return tuple(member for member in self.members if _may_use(user, member.profile))

    def get(self, key: str, user: User) -> Member:
        """Return the model of that name.

        Raises:
            NotFoundError: there is none, or none that this user may use.
        """
        for member in self.offered(user):
            if member.profile.key == key:
                return member
        names = ", ".join(member.profile.key for member in self.offered(user)) or "none"
        raise NotFoundError(f"there is no model {key!r} for you", f"choose one of: {names}")

    def only(self, key: str, user: User) -> Herd:
        """Return a herd of that model alone, which answers whatever its roles are: somebody chose it.

        Raises:
            NotFoundError: as `get`.
        """
        member = self.get(key, user)
        return Herd([Member(replace(member.profile, roles=member.profile.roles | {"answer"}), member.model)])

    def with_role(self, role: ModelRole) -> Member | None:
        """Return the cheapest model with a role, for work that no single person asked for; None: none has it."""
        found = [member for member in self.members if role in member.profile.roles]
        return min(found, key=lambda member: member.profile.cost(1, 1), default=None)

    def sighted(self, user: User) -> Herd:
        """Return the models that answer questions about pictures: those for pictures, else those for answers, that see.

        Where none of them sees, or answers now, it is all models of the user.
        """
        offered = self.offered(user)
        chosen = [member for member in offered if "vision" in member.profile.roles and _sees(member)]
        chosen = chosen or [one for one in offered if one.profile.roles & {"answer", "long"} and _sees(one)]
        answering = [replace(one, profile=replace(one.profile, roles=one.profile.roles | {"answer"})) for one in chosen]
        return Herd(answering or offered)

    def longest(self, user: User, role: ModelRole) -> tuple[Member, ModelInfo]:
        """Return the model for this role that takes the longest context now: what a plan may use at most.

        Raises:
            ConfigurationError: no model has the role.
            ModelServerError: none of them answers; the first one's error.
        """
        known, failed = [], []
        for member in self._candidates(user, role):
            try:
                known.append((member, member.model.describe()))
            except ModelServerError as error:
                failed.append(error)
        if not known:
            raise failed[0]
        return max(known, key=lambda one: one[1].context_tokens)

    def roomiest(self, user: User, role: ModelRole, answer_tokens: int, most_cost: float = 0) -> Room:
        """Return the model for this role that takes the longest prompt now, within what a question may cost.

        Args:
            user: who asks.
            role: what for.
            answer_tokens: kept for the answer; of a short context, a quarter at most.
            most_cost: in whatever the settings count in; 0: any.

        Raises:
            ConfigurationError: no model has the role, or an answer alone would cost more than that with all of them.
            ModelServerError: none of them answers; the first one's error.
        """
        rooms, failed = [], []
        for member in self._candidates(user, role):
            try:
                rooms.append(_room(member, member.model.describe(), answer_tokens, most_cost))
            except ModelServerError as error:
                failed.append(error)
        if not rooms:
            raise failed[0]
        best = max(rooms, key=lambda room: room.tokens)
        if best.tokens < 1:
            raise ConfigurationError(
                f"a question may cost {most_cost:g}, and an answer of {answer_tokens:,} tokens alone costs more",
                "raise question_cost, or lower answer_tokens",
            )
        return best

    def route(
        self,
        user: User,
        role: ModelRole,
        *,
        tokens: int,
        answer_tokens: int = 0,
        sees: bool = False,
        tools: bool = False,
    ) -> Route:
        """Return the cheapest model with the role that takes the prompt and its answer; later roles stand in for it.

        Args:
            user: who asks: models may be for groups only.
            role: what for. Where none for answers fits, one for long contexts is; where none is for quick tasks or
                for pictures, one for answers.
            tokens: of the prompt.
            answer_tokens: kept for the answer.
            sees: whether there are pictures. One that sees is preferred, and the reason says where there is none.
            tools: whether it has to take tools.

        Raises:
            ConfigurationError: no model has the role, or none of them takes tools.
            PromptTooLongError: no model takes so much; `limit` is the most that one takes.
            ModelServerError: none of them answers; the first one's error.
        """
        search = _Search(tokens + answer_tokens, sees=sees, tools=tools)
        blind: Route | None = None
        for member in sorted(
            self._candidates(user, role), key=lambda one: self._order(one, role, tokens, answer_tokens)
        ):
            info = search.describe(member)
            if info is None:
                continue
            cost = member.profile.cost(tokens, answer_tokens)
            route = Route(member, info, search.reason(member, info, role), cost)
            if info.vision or not sees:
                return route
            blind = blind or route
        if blind is not None:
            return blind
        raise search.failure(role)

    def _candidates(self, user: User, role: ModelRole) -> list[Member]:
        found = list(self._with_role(user, role))
        instead = _INSTEAD.get(role)
        if instead is not None and (role == "answer" or not found):
            found += [member for member in self._with_role(user, instead) if member not in found]
        if not found:
            raise ConfigurationError(
                f"no model is configured for {_WORDS[role]}" + (" that you may use" if self.members else ""),
                f"set model_url, or give a model of [models] the role {role!r}",
            )
        return found

    def _with_role(self, user: User, role: ModelRole) -> Iterator[Member]:
        return (member for member in self.offered(user) if role in member.profile.roles)

    @staticmethod
    def _order(member: Member, role: ModelRole, tokens: int, answer_tokens: int) -> tuple[bool, float]:
        return role not in member.profile.roles, member.profile.cost(tokens, answer_tokens)


def _may_use(user: User, profile: ModelProfile) -> bool:
    return user.reads_everything or not profile.groups or bool(profile.groups & {_EVERYONE, *user.groups})


def _sees(member: Member) -> bool:
    try:
        return member.model.describe().vision
    except ModelServerError as error:
        log.warning("the model %s is passed over: %s", member.profile.key, error)
        return False


def _room(member: Member, info: ModelInfo, answer_tokens: int, most_cost: float) -> Room:
    tokens = info.context_tokens - answer_room(info, answer_tokens)
    left = most_cost - member.profile.cost(0, answer_tokens)
    if not most_cost or member.profile.cost(tokens, 0) <= left:
        return Room(member, info, tokens, by_cost=False)
    price = member.profile.cost(1_000_000, 0)
    return Room(member, info, max(0, int(left * 1_000_000 / price)) if price else 0, by_cost=True)


def answer_room(info: ModelInfo, answer_tokens: int) -> int:
    """Return how many tokens are kept for an answer: of a short context, a quarter at most."""
    return min(answer_tokens, info.context_tokens // 4)


class _Search:
    """One choice: what is needed, and what was met on the way."""

    def __init__(self, needed: int, *, sees: bool, tools: bool) -> None:
        self._needed = needed
        self._sees = sees
        self._tools = tools
        self._passed: list[str] = []
        self._errors: list[ModelServerError] = []
        self._longest = 0
        self._without_tools = False

    def describe(self, member: Member) -> ModelInfo | None:
        """Return what the model can do; None where it cannot do what is needed, which is noted."""
        key = member.profile.key
        try:
            info = member.model.describe()
        except ModelServerError as error:
            log.warning("the model %s is passed over: %s", key, error)
            self._errors.append(error)
            self._passed.append(f"{key} does not answer now")
            return None
        if info.context_tokens < self._needed:
            self._longest = max(self._longest, info.context_tokens)
            self._passed.append(f"{key} takes {info.context_tokens:,}")
            return None
        if self._tools and not info.tools:
            self._without_tools = True
            self._passed.append(f"{key} takes no tools")
            return None
        return info

    def reason(self, member: Member, info: ModelInfo, role: ModelRole) -> str:
        """Say in one sentence why it is this one."""
        what = f"the cheapest model for {_WORDS[role]} whose context"
        if role not in member.profile.roles:
            what = f"no model for {_WORDS[role]} fits; its context"
        told = (
            f"{member.profile.key}: {what} of {info.context_tokens:,} tokens holds the {self._needed:,} that are needed"
        )
        if self._passed:
            told += f" ({', '.join(self._passed)})"
        if self._sees and not info.vision:
            told += "; it does not see pictures, and no model here that fits does"
        return told

    def failure(self, role: ModelRole) -> Exception:
        """Return why there is none."""
        if self._longest:
            passed = ", ".join(self._passed)
            return PromptTooLongError(
                f"no model for {_WORDS[role]} takes the {self._needed:,} tokens that are needed: {passed}",
                "ask with a smaller scope or budget, or add a model with a longer context",
                limit=self._longest,
                tokens=self._needed,
            )
        if self._without_tools:
            return ConfigurationError(
                f"no model for {_WORDS[role]} takes tools: {', '.join(self._passed)}",
                "start its server with tools, or set tools = true in its table of [models]",
            )
        return self._errors[0]
