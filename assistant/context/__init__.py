"""Plans what a question gets to read within its token budget."""

from assistant.context.library import Library
from assistant.context.planner import plan
from assistant.context.questions import question_scope

__all__ = ["Library", "plan", "question_scope"]
