"""The scripted model server of the soak as a process of its own: `python -m tests.server_mode.scripted PORT`."""

from __future__ import annotations

import re
import sys
import threading

from tests.fakes.model_scripts import Asked, Reply, Script
from tests.fakes.model_server import ModelServer

_SENTENCE = "The code word of project {} is"
NOT_THERE = "NOT_IN_DOCUMENTS: The documents do not say that."


def script() -> Script:
    """Return what the model says: a project's code word with its source, if it stands before it."""
    return Script(_code_word, otherwise=Reply(NOT_THERE))


def _code_word(asked: Asked) -> Reply | None:
    wanted = re.search(r"code word of project (\w+)", asked.last.rpartition("Question:")[2])
    if wanted is None:
        return None
    sentence = _SENTENCE.format(wanted[1])
    for number, kind, code in re.findall(r"\[(\d+)\]\s*<(document|attached) (\w+)>", asked.prompt):
        text = asked.prompt.partition(f"<{kind} {code}>")[2].partition(f"</{kind} {code}>")[0]
        if found := re.search(rf"{sentence} (\w+)", text):
            return Reply(f"{sentence} {found[1]} [{number}].", piece_seconds=0.02)
    return Reply(NOT_THERE)


if __name__ == "__main__":
    with ModelServer(script(), port=int(sys.argv[1])):
        threading.Event().wait()
