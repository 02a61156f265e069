"""The calls behind the pages Quality, Usage, Warnings and Settings."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import httpx

from ui.calls import HttpCalls
from ui.measures import Evaluation, Feedback, Kept, Setting, Suspicion, Unanswered, Usage
from ui.models import Json

COUNTING_SECONDS = 120.0  # the first count of many turns takes a while


class MeasureCalls(HttpCalls):
    """See `HttpCalls`."""

    def usage(self, days: int) -> Usage:
        """Return how much was asked in the last days."""
        timeout = httpx.Timeout(COUNTING_SECONDS)
        return self._read(Usage.read, "GET", "/api/usage", params={"days": days}, timeout=timeout)

    def unanswered(self, days: int) -> Unanswered:
        """Return what got no good answer in the last days."""
        timeout = httpx.Timeout(COUNTING_SECONDS)
        return self._read(Unanswered.read, "GET", "/api/questions/unanswered", params={"days": days}, timeout=timeout)

    def feedback(self, verdict: str | None, limit: int, offset: int = 0) -> tuple[tuple[Feedback, ...], int]:
        """Return a stretch of the feedback, `up`, `down` or both, newest first, and how much there is."""
        params = {"verdict": verdict, "limit": limit, "offset": offset}

        def of(data: Json) -> tuple[tuple[Feedback, ...], int]:
            found = tuple(map(Feedback.read, data["feedback"]))
            return found, int(data.get("total", offset + len(found)))  # an API of the version before says none

        return self._read(of, "GET", "/api/feedback", params=params)

    def forget_feedback(self, feedback: str) -> None:
        """Delete feedback."""
        self._call("DELETE", f"/api/feedback/{quote(feedback, safe='')}")

    def kept_questions(self) -> tuple[Kept, ...]:
        """Return the evaluation set, oldest first."""
        return self._read(lambda data: tuple(map(Kept.read, data["questions"])), "GET", "/api/questions")

    def keep_question(
        self,
        question: str,
        *,
        feedback: str | None = None,
        documents: Sequence[str] = (),
        facts: Sequence[str] = (),
        answerable: bool = True,
    ) -> None:
        """Add a question to the evaluation set; that of feedback is asked as whoever gave it."""
        expected = {"documents": list(documents), "facts": list(facts), "answerable": answerable}
        self._call("POST", "/api/questions", json={"question": question, "feedback_id": feedback, **expected})

    def remove_question(self, question: str) -> None:
        """Take a question out of the evaluation set."""
        self._call("DELETE", f"/api/questions/{quote(question, safe='')}")

    def evaluations(self) -> tuple[Evaluation, ...]:
        """Return the newest evaluations, newest first, without their questions."""
        return self._read(lambda data: tuple(map(Evaluation.read, data["evaluations"])), "GET", "/api/evaluations")

    def evaluation(self, evaluation: str) -> Evaluation:
        """Return an evaluation with its questions."""
        return self._read(Evaluation.read, "GET", f"/api/evaluations/{quote(evaluation, safe='')}")

    def start_evaluation(self) -> None:
        """Ask the questions of the evaluation set in the background."""
        self._call("POST", "/api/evaluations", json={})

    def cancel_evaluation(self, evaluation: str) -> None:
        """Let an evaluation end."""
        self._call("POST", f"/api/evaluations/{quote(evaluation, safe='')}/cancel")

    def remove_evaluation(self, evaluation: str) -> None:
        """Forget an evaluation."""
        self._call("DELETE", f"/api/evaluations/{quote(evaluation, safe='')}")

    def warnings(self, *, reviewed: bool) -> tuple[Suspicion, ...]:
        """Return the documents that read like orders, the worst first; also the reviewed ones where asked for."""
        params = {"reviewed": reviewed}
        return self._read(
            lambda data: tuple(map(Suspicion.read, data["warnings"])), "GET", "/api/documents/warnings", params=params
        )

    def review_warning(self, source: str, key: str) -> None:
        """Note that the person looked at a document."""
        self._call("POST", "/api/documents/warnings/review", json={"source": source, "key": key})

    def settings(self) -> tuple[str, bool, tuple[Setting, ...]]:
        """Return the settings file, whether it is there, and every setting."""
        return self._read(
            lambda data: (str(data["file"]), bool(data["file_is_there"]), tuple(map(Setting.read, data["settings"]))),
            "GET",
            "/api/settings",
        )
