"""What the scripted model answers in the journeys; it cites what stands in front of it, by the number that is there."""

from __future__ import annotations

import re
from collections.abc import Callable

from assistant.types import ToolCall
from tests.fakes.model_scripts import Asked, Reply, Script
from tests.journeys.papers import HOTEL, SALARY

SLOW_WORDS = 4000  # so many that tests stop it before its end, however slowly they look
NOT_THERE = "NOT_IN_DOCUMENTS: The documents do not say that."
Rule = Callable[[Asked], Reply | None]


def script() -> Script:
    """What the model of the journeys answers, by the question that ends its prompt."""
    return Script(
        _titled,
        _rewritten,
        _called,
        _answer(r"ticket", lambda _: Reply(tool_calls=(_TICKET,))),
        _cited(r"error|shot|picture|\b619\b", "Error 619 means that the certificate has expired{0}.", "Error 619"),
        _answer(r"everything", _slow),
        _cited(r"dinner|meal|and for", "Dinner is refunded up to 32 euros{0}.", "Dinner is refunded"),
        _cited(r"hotel", "A hotel may cost at most **140 euros** a night{0}.", HOTEL),
        _cited(r"K7|paid", "Grade K7 is paid 4,310 euros a month{0}.", SALARY),
        _cited(r"leave", "Employees have 28 days of leave in a year{0}.", "28 days of leave"),
        _cited(
            "\u0625\u062c\u0627\u0632",
            "\u064a\u062d\u0635\u0644 \u0643\u0644 \u0645\u0648\u0638\u0641 \u0639\u0644\u0649 28"
            " \u064a\u0648\u0645\u0627{0}.",
            "28 \u064a\u0648\u0645\u0627",
        ),
        _cited(
            "\u05d7\u05d5\u05e4\u05e9",
            "\u05dc\u05db\u05dc \u05e2\u05d5\u05d1\u05d3 \u05d9\u05e9 28 \u05d9\u05de\u05d9"
            " \u05d7\u05d5\u05e4\u05e9\u05d4{0}.",
            "28 \u05d9\u05de\u05d9",
        ),
        _cited(r"gym|canteen", "The canteen opens at seven{0}.", "canteen opens"),
        otherwise=Reply(NOT_THERE),
    )


_TICKET = ToolCall("call_1", "helpdesk", '{"title": "A new screen", "text": "Mine flickers."}')


def question_of(asked: Asked) -> str:
    """Return the question that the prompt ends with, without what stands before it."""
    return asked.last.rstrip().rpartition("Question:")[2]


def _titled(asked: Asked) -> Reply | None:
    """A chat is to have a title: the first words of its question."""
    if "a title of two to six words" not in asked.prompt:
        return None
    question = asked.last.replace("<question>", "").replace("</question>", "")
    return Reply(" ".join(question.split()[:6]).rstrip("?"))


def _rewritten(asked: Asked) -> Reply | None:
    """A follow-up question is to stand alone: it does already, but for the hotel's."""
    if "Rewrite the last question" not in asked.prompt:
        return None
    question = asked.last.rpartition("Last question:")[2].strip()
    return Reply(f"{question} (dinner on a trip)" if "And for" in question else question)


def _called(asked: Asked) -> Reply | None:
    """After a tool was called, or was not allowed, the model says what came of it."""
    if not asked.messages or asked.messages[-1].get("role") != "tool":
        return None
    return Reply("The ticket is open: number 1." if "created" in asked.last else "No ticket was opened.")


def _answer(pattern: str, reply: Callable[[Asked], Reply]) -> Rule:
    def rule(asked: Asked) -> Reply | None:
        return reply(asked) if re.search(pattern, question_of(asked), re.IGNORECASE) else None

    return rule


def _cited(pattern: str, text: str, evidence: str) -> Rule:
    def reply(asked: Asked) -> Reply:
        number = _number(asked, evidence)
        return Reply(text.format(f" [{number}]"), piece_seconds=0.01) if number else Reply(NOT_THERE)

    return _answer(pattern, reply)


def _number(asked: Asked, evidence: str) -> str:
    """Return the number of the document or passage of the prompt that has these words, empty if none has."""
    for number, kind, code in re.findall(r"\[(\d+)\]\s*<(document|attached) (\w+)>", asked.prompt):
        _, _, text = asked.prompt.partition(f"<{kind} {code}>")
        if evidence in text.partition(f"</{kind} {code}>")[0]:
            return str(number)
    return ""


def _slow(asked: Asked) -> Reply:
    number = _number(asked, "28 days of leave")
    words = " ".join(f"word{at}" for at in range(SLOW_WORDS))
    return Reply(f"Employees have 28 days of leave in a year [{number}]. {words}", piece_seconds=0.05)
