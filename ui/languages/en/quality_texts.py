"""The texts of the page of the quality of answers."""

from __future__ import annotations

from collections.abc import Sequence

from ui.languages.en.texts import count

QUALITY = "Quality"
LEAD = "What people say of answers, what got no good answer, and how the evaluation set is answered over time."
TABS = ("Feedback", "Unanswered", "Evaluation set", "Evaluations")
# feedback
SHOW, VERDICTS = "Show", {"": "All", "down": "Not good", "up": "Good"}
NO_FEEDBACK, NO_FEEDBACK_HINT = "No feedback yet", "People give it with the thumbs below an answer."
GOOD, BAD = "Good", "Not good"
WITHHELD = "The rest is left out: it repeats documents that you may not read."
ANSWER, REASON, CITED = "The answer", "Why", "Cited"
KEEP, KEPT = "Add to the evaluation set", "In the evaluation set"
DELETE, DELETE_TITLE = "Delete", "Delete this feedback?"
DELETE_BODY = "It is gone for good. A question that was kept of it stays."
# keeping
QUESTION = "Question"
QUESTION_HELP = "As somebody would ask it."
DOCUMENTS, DOCUMENTS_HELP = "Documents that answer it", "A line each: source:path, a title or the name of a file."
FACTS, FACTS_HELP = "What the answer has to hold", "A line each: words or statements."
UNANSWERABLE = "The documents do not say: the answer has to be a refusal"
ADD, ADDED, CANCEL = "Add", "The question is in the evaluation set", "Cancel"
ADD_OWN = "Add a question of your own"
# unanswered
PERIOD = "Period"
WHY = {"not_found": "Not found", "failed": "Failed", "unverified": "Mostly unverified"}
WHY_HELP = {
    "not_found": "The answer says that the documents do not hold it.",
    "failed": "The answer ended with an error or broke off.",
    "unverified": "Less than half of the citations stand where the answer says.",
}
NOT_SHOWN = "The questions themselves are not shown"
NOT_SHOWN_BODY = (
    "A conversation is its person's own. To let admins read questions that got no good answer, without who asked, "
    "set `ASSISTANT_QUALITY_QUESTIONS=true`, tell people, and restart."
)
NO_QUESTIONS, NO_QUESTIONS_HINT = "Every question got a good answer", "In this period, as far as can be told."
TOPICS, TOPICS_LEAD = "Gaps by topic", "Questions that share a word. It is no more than that: read them."
NEWEST = "The newest questions"
# the set
EMPTY_SET = "The evaluation set is empty"
EMPTY_SET_HINT = "Add questions here, from feedback or from unanswered questions."
REMOVE, REMOVE_TITLE = "Remove", "Remove this question?"
REMOVE_BODY = "It is not asked any more. Evaluations that there are stay as they are."
EXPECTED, REFUSAL, NOTHING_EXPECTED = "Expected", "a refusal", "nothing in particular"
# evaluations
START, STARTED = "Ask the evaluation set now", "The questions are being asked"
START_HELP = "In the background, each as its reader, else as you. It costs what the questions cost."
NO_EVALUATIONS = "Nothing was measured yet"
NO_EVALUATIONS_HINT = "Ask the evaluation set, and again after each change: the plot shows what became better."
OVER_TIME, MEASURE, WHEN, SHARE, FIGURE = "Over time", "Figures", "When", "Share", "Figure"
HISTORY = "All evaluations"
OPEN, CLOSE = "Show the questions", "Hide the questions"
STOP, STOPPING = "Cancel", "It ends after the question at hand"
STATES = {
    "running": "Running", "done": "Done", "failed": "Failed", "cancelled": "Cancelled", "interrupted": "Broken off",
}  # fmt: skip
FORGET_TITLE, FORGET_BODY = "Delete this evaluation?", "Its figures and answers are gone for good."
GOT, NOTHING_GOT = "Got", "No answer was kept."
RIGHT, WRONG = "met", "missed"
AS_TABLE = "As a table"
SCORES = {
    "facts": "Facts held",
    "found": "Answered",
    "refused": "Rightly refused",
    "gold_cited": "Right document cited",
    "citation_precision": "Citations to right documents",
    "verified": "Verified citations",
    "gold_in_context": "Right document read",
    "answer_f1": "Words in common with the gold answer",
}


def kept_of(number: int) -> str:
    """Count the questions of the set."""
    return count(number, "question")


def topic(words: Sequence[str], number: int) -> str:
    """Name a topic."""
    return f"{', '.join(words)}: {count(number, 'question')}"


def progress(done: int, total: int) -> str:
    """Say how far an evaluation is."""
    return f"{done} of {count(total, 'question')} asked"


def summary(total: int, by: str, when: str) -> str:
    """Say what an evaluation was."""
    return f"{count(total, 'question')}, started by {by} {when}"


def share(value: float | None) -> str:
    """Return a share of one as a percentage."""
    return "\u2013" if value is None else f"{value:.0%}"


def seconds(value: float) -> str:
    """Return seconds."""
    return f"{value:.1f} s"
