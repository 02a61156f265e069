"""Which model a question goes to, and who may use which."""

from __future__ import annotations

import pytest

from assistant.errors import ConfigurationError, ModelUnavailableError, NotFoundError, PromptTooLongError
from assistant.herd import Herd, Member
from assistant.types import LOCAL_OPERATOR, ModelInfo, ModelProfile, ModelRole, User
from tests.fakes.chat_model import FakeChatModel

ANN = User("ann", frozenset({"everyone", "legal"}))
BOB = User("bob", frozenset({"everyone"}))


class AwayModel(FakeChatModel):
    def describe(self) -> ModelInfo:
        raise ModelUnavailableError(f"{self.name} does not answer")


def member(key: str, *roles: ModelRole, cost: float = 1.0, groups: tuple[str, ...] = (), **able: int) -> Member:
    model = FakeChatModel(name=key, **able)  # type: ignore[arg-type]
    return Member(ModelProfile(key, frozenset(roles), frozenset(groups), cost, 2 * cost), model)


def herd() -> Herd:
    return Herd(
        [
            member("maverick", "answer", cost=3.0, context_tokens=400_000, images=8),
            member("scout", "long", "vision", cost=5.0, context_tokens=3_600_000, images=8),
            member("small", "fast", "answer", cost=0.1, context_tokens=32_000, images=0, tools=False),
            member("legal", cost=3.0, groups=("legal",), context_tokens=400_000),
        ]
    )


@pytest.mark.parametrize(
    ("tokens", "chosen"),
    [(1_000, "small"), (30_000, "small"), (31_500, "maverick"), (399_000, "maverick"), (399_001, "scout")],
)
def test_the_cheapest_model_that_takes_prompt_and_answer(tokens: int, chosen: str) -> None:
    route = herd().route(BOB, "answer", tokens=tokens, answer_tokens=1_000)
    assert route.member.profile.key == chosen
    assert route.reason.startswith(f"{chosen}: ")
    assert f"{tokens + 1_000:,} that are needed" in route.reason


def test_the_reason_names_what_was_passed_over() -> None:
    route = herd().route(BOB, "answer", tokens=900_000)
    assert route.reason == (
        "scout: no model for answers fits; its context of 3,600,000 tokens holds the 900,000 that are needed"
        " (small takes 32,000, maverick takes 400,000)"
    )
    assert route.info.context_tokens == 3_600_000
    assert route.cost == pytest.approx(4.5)


def test_what_no_model_takes_is_told_with_the_most_that_one_takes() -> None:
    with pytest.raises(PromptTooLongError, match="scout takes 3,600,000") as caught:
        herd().route(BOB, "answer", tokens=4_000_000)
    assert (caught.value.limit, caught.value.tokens) == (3_600_000, 4_000_000)


def test_pictures_go_to_a_model_that_sees() -> None:
    assert herd().route(BOB, "answer", tokens=100, sees=True).member.profile.key == "maverick"
    blind = Herd([member("small", "answer", images=0)])
    assert "it does not see pictures" in blind.route(BOB, "answer", tokens=100, sees=True).reason


def test_tools_go_to_a_model_that_takes_them() -> None:
    assert herd().route(BOB, "answer", tokens=100, tools=True).member.profile.key == "maverick"
    with pytest.raises(ConfigurationError, match="small takes no tools"):
        Herd([member("small", "answer", tools=False)]).route(BOB, "answer", tokens=100, tools=True)


def test_a_model_that_is_away_is_passed_over() -> None:
    away = Member(ModelProfile("away", frozenset({"answer"})), AwayModel(name="away"))
    route = Herd([away, member("there", "answer", cost=9.0)]).route(BOB, "answer", tokens=10)
    assert route.member.profile.key == "there"
    assert "(away does not answer now)" in route.reason
    with pytest.raises(ModelUnavailableError, match="away"):
        Herd([away]).route(BOB, "answer", tokens=10)
    with pytest.raises(ModelUnavailableError, match="away"):
        Herd([away]).longest(BOB, "answer")


def test_roles_that_stand_in_for_others() -> None:
    assert herd().route(BOB, "fast", tokens=10).member.profile.key == "small"
    assert herd().route(BOB, "vision", tokens=10, sees=True).member.profile.key == "scout"
    one = Herd([member("only", "answer")])
    assert one.route(BOB, "fast", tokens=10).member.profile.key == "only"
    assert one.route(BOB, "vision", tokens=10, sees=True).member.profile.key == "only"
    with pytest.raises(ConfigurationError, match="'teacher'"):
        one.route(BOB, "teacher", tokens=10)
    with pytest.raises(ConfigurationError, match="model_url"):
        Herd([]).route(BOB, "answer", tokens=10)


def test_the_longest_context_that_a_plan_may_use() -> None:
    found, info = herd().longest(BOB, "answer")
    assert (found.profile.key, info.context_tokens) == ("scout", 3_600_000)


def test_models_for_groups_are_for_their_members_only() -> None:
    models = herd()
    assert [one.profile.key for one in models.offered(ANN)] == ["maverick", "scout", "small", "legal"]
    assert [one.profile.key for one in models.offered(BOB)] == ["maverick", "scout", "small"]
    assert models.get("legal", ANN).profile.key == "legal"
    assert models.get("legal", LOCAL_OPERATOR).profile.key == "legal"
    for key in ("legal", "nonsense"):
        with pytest.raises(NotFoundError, match=f"no model '{key}' for you"):
            models.get(key, BOB)
    everyone = Herd([member("open", "answer", groups=("everyone",))])
    assert everyone.offered(User("eve"))
    closed = Herd([member("closed", "answer", groups=("legal",))])
    assert closed.route(ANN, "answer", tokens=1).member.profile.key == "closed"
    with pytest.raises(ConfigurationError, match="that you may use"):
        closed.route(BOB, "answer", tokens=1)


def test_an_adapter_is_taken_only_where_it_is_chosen() -> None:
    assert all(
        herd().route(ANN, role, tokens=10).member.profile.key != "legal"
        for role in ("answer", "fast", "vision", "long")
    )


def test_the_roomiest_model_takes_the_longest_prompt_beside_its_answer() -> None:
    room = herd().roomiest(BOB, "answer", 2_000)
    assert (room.member.profile.key, room.tokens, room.by_cost) == ("scout", 3_598_000, False)


def test_what_a_question_may_cost_ends_its_prompt() -> None:
    # scout: 5 a million read; maverick: 3, and 6 written, so that 0.3 pays for 98,000 beside 1,000 written
    room = herd().roomiest(BOB, "answer", 1_000, 0.3)
    assert (room.member.profile.key, room.tokens, room.by_cost) == ("maverick", 98_000, True)
    assert herd().roomiest(BOB, "answer", 1_000, 0.001).member.profile.key == "small"


def test_a_short_context_keeps_three_quarters_for_the_prompt() -> None:
    short = Herd([member("short", "answer", context_tokens=1_000)])
    assert short.roomiest(BOB, "answer", 2_000).tokens == 750


def test_a_cost_that_pays_for_no_answer_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="question_cost"):
        Herd([member("dear", "answer", cost=10.0)]).roomiest(BOB, "answer", 1_000, 0.001)


def test_a_model_that_is_away_has_no_room() -> None:
    away = Member(ModelProfile("away", frozenset({"answer"})), AwayModel(name="away"))
    assert Herd([away, member("there", "answer")]).roomiest(BOB, "answer", 100).member.profile.key == "there"
    with pytest.raises(ModelUnavailableError, match="away"):
        Herd([away]).roomiest(BOB, "answer", 100)


def keys(herd: Herd) -> list[str]:
    return [member.profile.key for member in herd.members]


def test_questions_with_pictures_go_to_the_models_for_pictures_that_see() -> None:
    sighted = herd().sighted(BOB)
    assert keys(sighted) == ["scout"]
    assert sighted.route(BOB, "answer", tokens=1000, sees=True).member.profile.key == "scout"
    blind_vision = Herd([member("eyes", "vision", images=0), member("maverick", "answer"), member("small", "fast")])
    assert keys(blind_vision.sighted(BOB)) == ["maverick"]
    away = Member(ModelProfile("eyes", frozenset({"vision"})), AwayModel(name="eyes"))
    assert keys(Herd([away, member("small", "answer", images=2)]).sighted(BOB)) == ["small"]


def test_where_no_model_sees_all_of_them_are_left() -> None:
    blind = Herd([member("small", "answer", images=0), member("big", "long", images=0)])
    assert keys(blind.sighted(BOB)) == ["small", "big"]
    for_legal = Herd([member("small", "answer", images=0), member("eyes", "vision", groups=("legal",))])
    assert keys(for_legal.sighted(BOB)) == ["small"]
    assert keys(for_legal.sighted(ANN)) == ["eyes"]
