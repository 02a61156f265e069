"""Makes the distiller that the settings describe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.app.models import make_limits
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.access import Library
    from assistant.catalog import Catalog
    from assistant.distillation import Distiller
    from assistant.herd import Herd
    from assistant.retrieval import Retriever
    from assistant.types import User


def make_distiller(
    settings: Settings,
    catalog: Catalog,
    herd: Herd,
    retriever: Retriever,
    library: Library,
    user: User,
    *,
    teacher: str = "",
    licence: str = "",
) -> Distiller:
    """Return the distiller.

    Args:
        settings: say how long an answer may be.
        catalog: keeps token counts, and the key that fences come of.
        herd: the models.
        retriever, library: see `Distiller`.
        user: who asks; the teacher has to be one that this user may use.
        teacher: the key of the model that teaches; empty: the cheapest that has the role.
        licence: what the operator says of its licence; empty: what is known of a model of its name.

    Raises:
        ConfigurationError: no model has the role.
        NotFoundError: there is no model of that name.
        ModelServerError: the teacher does not answer.
    """
    from assistant.answer.reading import Planner
    from assistant.distillation import Distiller, licence_of
    from assistant.distillation.teacher import Teacher

    member = herd.get(teacher, user) if teacher else herd.route(user, "teacher", tokens=0).member
    limits = make_limits(settings)
    key = catalog.keyring.derived("distillation")
    planner = Planner(herd.only(member.profile.key, user), library, catalog.token_counts, key, limits, retriever)
    known = licence_of(member.model.describe().name, licence)
    return Distiller(Teacher(member, planner, library, limits), known, retriever, library, key, limits.passages)
