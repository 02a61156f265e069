"""Plans what a question gets to read within its token budget."""

from assistant.context.lengths import CatalogLengths, KeptCounts, Lengths, ModelLengths
from assistant.context.library import Library
from assistant.context.planner import Deeper, plan, with_more
from assistant.context.questions import question_scope

__all__ = [
    "CatalogLengths",
    "Deeper",
    "KeptCounts",
    "Lengths",
    "Library",
    "ModelLengths",
    "plan",
    "question_scope",
    "with_more",
]
