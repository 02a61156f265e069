"""Which models the tasks beside answering get."""

from __future__ import annotations

import pytest

from assistant.app.tasks import make_captioner, make_expander, make_judge
from assistant.errors import ConfigurationError
from assistant.herd import Herd, Member
from assistant.settings import load_settings
from assistant.types import ModelProfile, ModelRole
from tests.fakes.chat_model import FakeChatModel


def member(key: str, *roles: ModelRole, cost: float = 1.0) -> Member:
    return Member(ModelProfile(key, frozenset(roles), frozenset(), cost, cost), FakeChatModel(name=key))


HERD = Herd(
    [member("big", "answer", "vision", "teacher", cost=5), member("eyes", "vision"), member("small", "fast", cost=0.1)]
)


def test_the_cheapest_with_the_role_does_it_where_that_is_asked_for() -> None:
    asked = load_settings(describe_pictures=True, reword_questions=True)
    captioner, expander, judge = make_captioner(asked, HERD), make_expander(asked, HERD), make_judge(HERD)
    assert [task and task.name for task in (captioner, expander, judge)] == ["eyes", "small", "big"]


def test_by_itself_nothing_is_described_or_reworded() -> None:
    assert make_captioner(load_settings(), HERD) is None
    assert make_expander(load_settings(), HERD) is None
    assert make_judge(Herd([member("small", "fast")])) is None


def test_where_no_model_has_the_role_the_setting_is_named() -> None:
    asked = load_settings(describe_pictures=True, reword_questions=True)
    with pytest.raises(ConfigurationError, match="describe_pictures is set, but no model has the role 'vision'"):
        make_captioner(asked, Herd([member("small", "fast")]))
    with pytest.raises(ConfigurationError, match="reword_questions is set"):
        make_expander(asked, Herd([]))
