"""Asks the kept questions in the background, one run at a time, and shows what came of them as far as rights go.

A question is asked as its reader, else as whoever started the run. Its figures are for all admins. What was expected,
found and answered repeats documents: an admin sees it only while that admin may read all that it may come from, those
that are expected and those that the answer was made from; where that cannot be told, only who reads everything sees it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import copy_context
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from assistant.access import Library
from assistant.catalog import Catalog, EvaluationRecord
from assistant.errors import AccessDeniedError, AssistantError, ConfigurationError
from assistant.evaluation.answers import evaluate_answers
from assistant.evaluation.cases import AnswerCase, check_names
from assistant.evaluation.desk import QuestionDesk
from assistant.evaluation.naming import Names
from assistant.evaluation.results import Item, QueryResult
from assistant.types import LOCAL_OPERATOR, Answer, Mode, Question, User

log = logging.getLogger(__name__)
Ask = Callable[[Question, User], Answer]
LISTED = 100
_CLOSING_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ShownResult:
    """What came of a question as one admin sees it; where `withheld`, `result` has only the question and figures."""

    result: QueryResult
    withheld: bool


class _EndedError(Exception):
    """The run is not to go on."""


class EvaluationDesk:
    """See the module.

    Args:
        catalog: keeps the runs.
        library: says who may read which document.
        questions: has the kept questions.
        ask: answers a question for somebody who may only play that.
        used: says what answers: models, embedder, version.
    """

    def __init__(
        self,
        catalog: Catalog,
        library: Library,
        questions: QuestionDesk,
        ask: Ask,
        used: Callable[[], Mapping[str, str]],
    ) -> None:
        self._catalog, self._library, self._questions = catalog, library, questions
        self._ask, self._used = ask, used
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, user: User, mode: Mode) -> EvaluationRecord:
        """Ask the kept questions from now on.

        Raises:
            AccessDeniedError: the user is no admin.
            ConfigurationError: no question is kept.
            EvaluationBusyError: they are being asked already.
        """
        _must_manage(user)
        cases = [each.case for each in self._questions.questions(LOCAL_OPERATOR)]
        if not cases:
            raise ConfigurationError("no questions are kept", "add one to the evaluation set first")
        check_names(cases, "the evaluation set")
        record = self._catalog.evaluations.begin(user.id, len(cases), mode, self._used())
        run = copy_context().run  # so that the audit log knows where it came from
        thread = threading.Thread(
            target=run, args=(self._run, record.id, cases, user, mode), name=f"evaluation-{record.id}", daemon=True
        )
        self._threads = [*(one for one in self._threads if one.is_alive()), thread]
        thread.start()
        return record

    def runs(self, user: User) -> list[EvaluationRecord]:
        """Return the newest runs, newest first, without their questions. Raises AccessDeniedError."""
        _must_manage(user)
        return self._catalog.evaluations.newest(LISTED)

    def run(self, user: User, run: str) -> tuple[EvaluationRecord, list[ShownResult]]:
        """Return a run and what came of its questions, as far as the user may see it.

        Raises:
            AccessDeniedError: the user is no admin.
            NotFoundError: there is no such run.
        """
        _must_manage(user)
        record = self._catalog.evaluations.get(run)
        wanted = {document for row in record.results for document in row["documents"]}
        readable = set() if user.reads_everything else set(self._library.readable(wanted, user))
        return replace(record, results=()), [_shown(row, user, readable) for row in record.results]

    def cancel(self, user: User, run: str) -> EvaluationRecord:
        """Let a run end after the question that it is at. Raises AccessDeniedError and NotFoundError."""
        _must_manage(user)
        return self._catalog.evaluations.cancel(run)

    def remove(self, user: User, run: str) -> None:
        """Forget a run. Raises AccessDeniedError and NotFoundError."""
        _must_manage(user)
        self._catalog.evaluations.remove(run)

    def close(self) -> None:
        """Let the runs of this process end, and wait a while for them."""
        self._closing.set()
        for thread in self._threads:
            thread.join(_CLOSING_SECONDS)

    def _run(self, run: str, cases: Sequence[AnswerCase], user: User, mode: Mode) -> None:
        table = self._catalog.evaluations
        try:
            scores, results = self._asked(run, cases, user, mode)
            table.end(run, "done", scores=scores, results=results)
        except _EndedError:
            table.end(run, "interrupted" if self._closing.is_set() else "cancelled")
        except AssistantError as error:
            log.warning("an evaluation failed: %s", error)
            table.end(run, "failed", error=str(error))
        except Exception:
            log.exception("an evaluation failed")
            table.end(run, "failed", error="a fault of the server; its log says more")
            raise

    def _asked(
        self, run: str, cases: Sequence[AnswerCase], user: User, mode: Mode
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        answers: list[Answer] = []

        def ask(question: str, reader: User) -> Answer:
            answers.append(self._ask(Question(question, mode=mode), reader))
            return answers[-1]

        def on_progress(done: int, _: int) -> None:
            if self._closing.is_set() or not self._catalog.evaluations.progress(run, done):
                raise _EndedError

        cases = [replace(case, id=case.name) for case in cases]
        scores = evaluate_answers(
            ask, cases, self._library, evaluator=LOCAL_OPERATOR, reader=user, on_progress=on_progress
        )
        names = Names(info.ref for info in self._library.documents(LOCAL_OPERATOR))
        told = zip(scores.results, cases, answers, strict=True)
        return dict(scores.as_dict()), [
            {**asdict(result), **_rests_on(case, answer, names)} for result, case, answer in told
        ]


def _rests_on(case: AnswerCase, answer: Answer, names: Names) -> dict[str, Any]:
    """Return the documents that a result may repeat, and whether those are all: tools may tell more."""
    named = {*case.documents, *(quote.document for quote in case.quotes if quote.document)}
    meant = [names.find(name) for name in named]
    says_more = bool(case.facts or case.gold_answer or case.quotes) and not named
    plan = answer.plan
    read = {*(one.ref.id for one in plan.documents), *(one.passage.ref.id for one in plan.passages)}
    read |= {one.place.ref.id for one in plan.pictures} | {one.passage.ref.id for one in answer.citations}
    return {
        "documents": sorted(read.union(*meant)),
        "certain": all(meant) and not says_more and not answer.tools,
    }


def _shown(row: Mapping[str, Any], user: User, readable: Iterable[str]) -> ShownResult:
    result = QueryResult(
        id=row["id"],
        text=row["text"],
        scores=row["scores"],
        expected=_items(row["expected"]),
        found=_items(row["found"]),
        seconds=row["seconds"],
        answer=row["answer"],
        note=row["note"],
    )
    if user.reads_everything or (row["certain"] and set(row["documents"]) <= set(readable)):
        return ShownResult(result, withheld=False)
    return ShownResult(QueryResult(result.id, result.text, result.scores, seconds=result.seconds), withheld=True)


def _items(rows: Sequence[Mapping[str, Any]]) -> tuple[Item, ...]:
    return tuple(Item(**cast("dict[str, Any]", row)) for row in rows)


def _must_manage(user: User) -> None:
    if not user.manages:
        raise AccessDeniedError("only admins measure answers", "ask an admin")
