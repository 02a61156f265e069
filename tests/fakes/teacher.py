"""A teacher by script: writes questions on what it is given, and answers them rightly or with one of several faults."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.fakes.model_scripts import Asked, Reply, Script

FAULTS = ("right", "wrongly cited", "invented", "uncited", "to nothing", "refusing", "cut")
_BLOCK = re.compile(r"\[(\d+)\] <document (\w+)>\n(.*?)\n</document \2>", re.DOTALL)
_SENTENCE = re.compile(r"[A-Z][^.!?\n|#*`\[\]()<>:]{40,220}\.(?=\s)")
_WANTED = re.compile(r'Write (\d+) of "questions" and (\d+) of "unanswerable"')


@dataclass
class ScriptedTeacher:
    """Keeps what it asked, so that it knows the answer when it is asked the same.

    Attributes:
        behaviours: how it answers its answerable questions, one after another; see `FAULTS`.
        quoting: how it quotes evidence, one after another: `right` or `invented`.
        fenced: whether it puts its JSON into words and a code fence.
        schema: whether it takes schemas; without, a request with one is refused.
        refuses: whether it refuses the questions that documents do not answer.
        nonsense: what it says where it is asked for questions, instead of these.
    """

    behaviours: Sequence[str] = ("right",)
    quoting: Sequence[str] = ("right",)
    fenced: bool = False
    schema: bool = True
    refuses: bool = True
    nonsense: str = ""
    known: dict[str, tuple[str, str]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def script(self) -> Script:
        """What a `ModelServer` answers by."""
        return Script(self._reply)

    def _reply(self, asked: Asked) -> Reply | None:
        wanted = _WANTED.search(asked.last)
        if wanted is None:
            return self._answer(asked.last)
        if "response_format" in asked.body and not self.schema:
            return Reply(status=400, message="response_format is not supported")
        if self.nonsense:
            return Reply(raw="", text=self.nonsense)
        return Reply(self._questions(asked.last, int(wanted[1]), int(wanted[2])))

    def _questions(self, text: str, answerable: int, unanswerable: int) -> str:
        title = (re.search(r"^title: (.*)$", text, re.MULTILINE) or ["", "it"])[1]
        body = text.partition("\n\n")[2].rpartition("\n</document")[0]
        made = []
        with self.lock:
            for sentence in _SENTENCE.findall(body)[:answerable]:
                number = len(self.known)
                question = f"In {title}, what holds for {' '.join(sentence.rstrip('.').split()[:9])}?"
                quoting = self.quoting[number % len(self.quoting)]
                self.known[question] = (sentence, self.behaviours[number % len(self.behaviours)])
                made.append({"question": question, "evidence": sentence if quoting == "right" else f"{sentence} No."})
        without = [f"What does {title} pay for a lunar sabbatical of kind {n}?" for n in range(unanswerable)]
        told = json.dumps({"questions": made, "unanswerable": without})
        return f"Here they are:\n```json\n{told}\n```" if self.fenced else told

    def _answer(self, prompt: str) -> Reply:
        question = prompt.rpartition("Question: ")[2]
        blocks = {int(number): text for number, _, text in _BLOCK.findall(prompt)}
        if question not in self.known:
            said = "NOT_IN_DOCUMENTS Nothing is said of that." if self.refuses else "It is 12,345 euros [1]."
            return Reply(said)
        sentence, behaviour = self.known[question]
        right = next((number for number, text in blocks.items() if sentence in text), 1)
        others = [number for number, text in blocks.items() if sentence not in text]
        match behaviour:
            case "wrongly cited":
                return Reply(f"{sentence} [{others[-1] if others else right}]")
            case "invented":
                return Reply(f"Each astronaut of the company is paid 9,731 dollars by Neptune Holdings [{right}].")
            case "uncited":
                return Reply(f"{sentence} [{right}] Ask your lead about all of the further details.")
            case "to nothing":
                return Reply(f"{sentence} [{right}] [999]")
            case "refusing":
                return Reply("NOT_IN_DOCUMENTS It is not said.")
            case "cut":
                return Reply(f"{sentence} [{right}]", finish="length")
        return Reply(f"{sentence} [{right}]")
