"""Gives the tasks beside answering their models, by the roles that the settings give them."""

from __future__ import annotations

from assistant.errors import ConfigurationError
from assistant.herd import Herd, Member
from assistant.interfaces import Captioner, Judge, QueryExpander
from assistant.settings import Settings
from assistant.types import ModelRole


def make_captioner(settings: Settings, herd: Herd) -> Captioner | None:
    """Return what describes pictures; None unless `describe_pictures` is set. Raises ConfigurationError."""
    if not settings.describe_pictures:
        return None
    from assistant.adapters.captioner import ModelCaptioner

    member = _member(herd, "vision", "describe_pictures")
    return ModelCaptioner(member.model, member.profile.key)


def make_judge(herd: Herd) -> Judge | None:
    """Return what judges measured answers; None where no model has the role `teacher`."""
    member = herd.with_role("teacher")
    if member is None:
        return None
    from assistant.adapters.judge import ModelJudge

    return ModelJudge(member.model, member.profile.key)


def make_expander(settings: Settings, herd: Herd) -> QueryExpander | None:
    """Return what rewords questions; None unless `reword_questions` is set. Raises ConfigurationError."""
    if not settings.reword_questions:
        return None
    from assistant.adapters.query_expander import ModelQueryExpander

    member = _member(herd, "fast", "reword_questions")
    return ModelQueryExpander(member.model, member.profile.key)


def _member(herd: Herd, role: ModelRole, setting: str) -> Member:
    member = herd.with_role(role)
    if member is None:
        raise ConfigurationError(
            f"{setting} is set, but no model has the role {role!r}", f"give a model of [models] the role {role!r}"
        )
    return member
