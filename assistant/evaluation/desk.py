"""Takes what people say of answers, and keeps questions to measure answers with. All rights on both are checked here.

Anybody may say what they think of an answer. Only admins see it, and they see the answer only where they may read every
document that it cites, or is known to rest on, as it repeats what stands there; where none is known, nobody knows what
it repeats, and only who gave it or reads everything sees it. The same rights hold of what a kept question expects.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from assistant.access import Library
from assistant.catalog import Catalog, FeedbackRecord, QuestionRecord
from assistant.catalog.feedback import Origin, Verdict
from assistant.errors import AccessDeniedError, ConfigurationError
from assistant.evaluation.cases import AnswerCase, case_row, check_names, clean, read_case
from assistant.evaluation.naming import Names
from assistant.types import LOCAL_OPERATOR, User, document_id


@dataclass(frozen=True, slots=True)
class ShownFeedback:
    """Feedback as one admin sees it: `record` has neither answer, reason nor citations where `withheld`."""

    record: FeedbackRecord
    withheld: bool


@dataclass(frozen=True, slots=True)
class KeptQuestion:
    """A kept question as one admin sees it: `case` has the question alone where `withheld`."""

    record: QuestionRecord
    case: AnswerCase
    withheld: bool


class QuestionDesk:
    """See the module.

    Args:
        catalog: holds feedback and questions.
        library: says who may read which document.
    """

    def __init__(self, catalog: Catalog, library: Library) -> None:
        self._catalog = catalog
        self._library = library

    def give(
        self,
        user: User,
        question: str,
        answer: str,
        verdict: Verdict,
        reason: str = "",
        cited: Sequence[tuple[str, str]] = (),
        *,
        turn: str | None = None,
        cause: str = "",
        rests_on: Collection[str] = (),
    ) -> FeedbackRecord:
        """Record what the user says of an answer; on a turn, in place of what the user said of that before.

        Args:
            user: who asked; that and the groups are kept, so that the question can be asked again with the same rights.
            question, answer: as they were.
            verdict: whether the answer was good.
            reason: why; may be empty.
            cited: source and key of the documents that the answer cited.
            turn: of a conversation of the user's, where the answer is one's.
            cause: what was wrong, as one of a few words; may be empty.
            rests_on: ids of all documents that the answer may repeat, where they are known.

        Raises:
            NotFoundError: the user may not read one of the documents, or it is gone.
        """
        for source, key in cited:
            self._library.info(source, key, user)
        said = (clean(text) for text in (question, answer, reason))
        question, answer, reason = said
        documents = list(dict.fromkeys(cited))
        return self._catalog.feedback.add(
            user, question, answer, verdict, reason, documents, turn=turn, cause=cause, rests_on=rests_on
        )

    def own(self, user: User, turns: Collection[str]) -> list[FeedbackRecord]:
        """Return what the user said of these turns: the verdict and why; not of the answer, which may have changed."""
        said = self._catalog.feedback.on_turns(user, turns)
        return [replace(one, answer="", cited=()) for one in said]

    def take_back(self, user: User, turn: str) -> None:
        """Forget what the user said of a turn; it is no error that there is nothing."""
        for one in self._catalog.feedback.on_turns(user, [turn]):
            self._catalog.feedback.remove(one.id)

    def feedback(
        self, user: User, limit: int = 100, verdict: Verdict | None = None, offset: int = 0
    ) -> list[ShownFeedback]:
        """Return a stretch of the feedback, newest first. Raises AccessDeniedError unless the user is an admin."""
        _must_curate(user)
        return [self._shown(record, user) for record in self._catalog.feedback.newest(limit, verdict, offset)]

    def feedback_count(self, user: User, verdict: Verdict | None = None) -> int:
        """Return how much feedback there is. Raises AccessDeniedError unless the user is an admin."""
        _must_curate(user)
        return self._catalog.feedback.count(verdict)

    def forget(self, user: User, feedback_id: str) -> None:
        """Delete feedback: admins any, others their own.

        Raises:
            NotFoundError: there is none of that id.
            AccessDeniedError: it is another person's.
        """
        if self._catalog.feedback.get(feedback_id).user != user.id:
            _must_curate(user)
        self._catalog.feedback.remove(feedback_id)

    def keep(self, user: User, cases: Sequence[AnswerCase], origin: Origin = "hand") -> list[KeptQuestion]:
        """Keep questions, all or none of them.

        Raises:
            AccessDeniedError: the user is no admin.
            ConfigurationError: one of them is wrong, or kept already.
        """
        _must_curate(user)
        return self._kept(user, cases, origin, None)

    def keep_feedback(self, user: User, feedback_id: str, case: AnswerCase | None = None) -> KeptQuestion:
        """Keep the question of a piece of feedback; it will be asked as the person who asked it.

        Args:
            user: an admin.
            feedback_id: of what.
            case: what the answer should be; its question is replaced by the one that was asked. Where the answer was
                good and the case names no documents, those that it cited are expected. None: nothing more is.

        Raises:
            AccessDeniedError, NotFoundError, ConfigurationError: as in `keep`, and where there is no such feedback.
        """
        _must_curate(user)
        given = self._catalog.feedback.get(feedback_id)
        case = case or AnswerCase(given.question)
        if given.verdict == "up" and case.answerable and not case.documents:
            case = replace(case, documents=tuple(f"{source}:{key}" for source, key in given.cited))
        # no list of groups says that somebody reads everything: those questions are asked as whoever measures
        asker = None if given.reads_everything else User(given.user, frozenset(given.groups))
        case = replace(case, question=given.question, reader=case.reader or asker)
        kept = self._kept(user, [case], "feedback", given.id)[0]
        return self._seen(kept.record, kept.case, user, self._names(user))

    def questions(self, user: User) -> list[KeptQuestion]:
        """Return the kept questions, oldest first. Raises AccessDeniedError unless the user is an admin."""
        _must_curate(user)
        kept = [(record, read_case(record.id, dict(record.expected))) for record in self._catalog.questions.all()]
        names = self._names(user)
        return [self._seen(record, case, user, names) for record, case in kept]

    def remove(self, user: User, question_id: str) -> None:
        """Forget a kept question. Raises AccessDeniedError unless the user is an admin, and NotFoundError."""
        _must_curate(user)
        self._catalog.questions.remove(question_id)

    def _kept(
        self, user: User, cases: Sequence[AnswerCase], origin: Origin, feedback_id: str | None
    ) -> list[KeptQuestion]:
        # nothing is stored that cannot be read again
        cases = [read_case("what is to be kept", case_row(case)) for case in cases]
        check_names(cases, "what is to be kept")
        known = {read_case(record.id, dict(record.expected)).name for record in self._catalog.questions.all()}
        if double := [case.name for case in cases if case.name in known]:
            raise ConfigurationError(f"the question {double[0]!r} is kept already", "remove it first, or give it an id")
        rows = [case_row(case) for case in cases]
        records = self._catalog.questions.add(rows, origin, user.id, feedback_id)
        return [KeptQuestion(record, case, withheld=False) for record, case in zip(records, cases, strict=True)]

    def _names(self, user: User) -> Names | None:
        """Return all documents by name, to be checked for the user; None for one who reads everything."""
        return None if user.reads_everything else Names(info.ref for info in self._library.documents(LOCAL_OPERATOR))

    def _shown(self, record: FeedbackRecord, user: User) -> ShownFeedback:
        wanted = {document_id(source, key) for source, key in record.cited}.union(record.rests_on)
        own = not wanted and user.id == record.user
        if user.reads_everything or own or (wanted and len(self._library.readable(wanted, user)) == len(wanted)):
            return ShownFeedback(record, withheld=False)
        return ShownFeedback(replace(record, answer="", reason="", cited=()), withheld=True)

    def _seen(self, record: QuestionRecord, case: AnswerCase, user: User, names: Names | None) -> KeptQuestion:
        says_nothing = not (case.documents or case.quotes or case.facts or case.gold_answer)
        own = user.id == record.added_by and record.origin != "feedback"
        if names is None or own or says_nothing:
            return KeptQuestion(record, case, withheld=False)
        named = {*case.documents, *(quote.document for quote in case.quotes if quote.document)}
        meant = [names.find(name) for name in named]
        wanted = frozenset[str]().union(*meant)  # of several documents of one name, the one that is meant is not known
        if wanted and all(meant) and len(self._library.readable(wanted, user)) == len(wanted):
            return KeptQuestion(record, case, withheld=False)
        return KeptQuestion(record, AnswerCase(case.question, id=case.id, answerable=case.answerable), withheld=True)


def _must_curate(user: User) -> None:
    if not user.manages:
        raise AccessDeniedError("only admins see feedback and keep questions", "ask an admin")
