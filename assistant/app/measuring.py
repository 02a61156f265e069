"""Makes what measures answers and counts what is asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import assistant
from assistant.access import Library
from assistant.app.part import Part
from assistant.catalog import Catalog
from assistant.interfaces import Embedder
from assistant.settings import Settings
from assistant.types import LOCAL_OPERATOR, SearchTrace

if TYPE_CHECKING:
    from assistant.answer import GuardedAnswerer
    from assistant.conversations.usage import UsageDesk
    from assistant.evaluation.desk import QuestionDesk
    from assistant.evaluation.running import EvaluationDesk
    from assistant.evaluation.unanswered import UnansweredDesk


class House(Protocol):
    """The parts that measuring asks for."""

    settings: Settings
    making: threading.RLock

    @property
    def catalog(self) -> Catalog:
        """See `parts.App`."""
        ...

    @property
    def library(self) -> Library:
        """See `parts.App`."""
        ...

    @property
    def embedder(self) -> Embedder:
        """See `parts.App`."""
        ...

    @property
    def answerer(self) -> GuardedAnswerer:
        """See `parts.App`."""
        ...

    @property
    def question_desk(self) -> QuestionDesk:
        """See `Measuring`."""
        ...


class Measuring:
    """The parts of the assistant that measure and count."""

    def watch_searches(self, tell: Callable[[SearchTrace], None]) -> None:
        """Call `tell` with what the stages of every search did from now on; it must return at once."""
        self._watching_searches = (*self._watching_searches, tell)

    def tell_search(self, trace: SearchTrace) -> None:
        """Tell those who watch of a search."""
        for tell in self._watching_searches:
            tell(trace)

    _watching_searches: tuple[Callable[[SearchTrace], None], ...] = ()

    @Part
    def question_desk(self: House) -> QuestionDesk:
        """Takes feedback on answers, and keeps questions to measure answers with."""
        from assistant.evaluation.desk import QuestionDesk

        return QuestionDesk(self.catalog, self.library)

    @Part
    def evaluations(self: House) -> EvaluationDesk:
        """Asks the kept questions in the background."""
        from assistant.evaluation.running import EvaluationDesk

        return EvaluationDesk(
            self.catalog,
            self.library,
            self.question_desk,
            lambda question, user: self.answerer.as_given().ask(question, user),
            lambda: {
                "models": ", ".join(self.answerer.models(LOCAL_OPERATOR)),
                "embedder": self.embedder.name,
                "version": assistant.__version__,
            },
        )

    @Part
    def usage(self: House) -> UsageDesk:
        """Counts what is asked."""
        from assistant.conversations.usage import FEW, UsageDesk

        return UsageDesk(self.catalog.usage, FEW if self.settings.sign_in == "accounts" else 1)

    @Part
    def unanswered(self: House) -> UnansweredDesk:
        """Shows what got no good answer."""
        from assistant.evaluation.unanswered import UnansweredDesk

        alone = self.settings.sign_in == "none"
        return UnansweredDesk(self.catalog.usage, shows=alone or self.settings.quality_questions)
