"""The texts of the page of models, in German."""

from __future__ import annotations

from ui.languages.de.formats import number as _number
from ui.overseen import Load, Trial

MODELS = "Modelle"
LEAD = "Welche Modelle antworten, was ihre Server wirklich aufnehmen und wie schnell sie schreiben."
CHECK, CHECKING = "Jetzt prüfen", "Die Modellserver werden gefragt"
NO_MODELS = "Kein Modellserver ist eingerichtet"
NO_MODELS_HINT = (
    "Antworten sind Zitate aus den Dokumenten. Für Modelle, die schreiben, `ASSISTANT_MODEL_URL` setzen oder `[models]`"
    " in der Einstellungsdatei."
)
ANSWERS, ANSWERS_NOT = "Antwortet", "Antwortet nicht"
CONTEXT, ROLES, FOR_WHOM, PICTURES, TOOLS, COUNTING, LOAD = (
    "Kontext",
    "Aufgaben",
    "Für",
    "Bilder je Anfrage",
    "Nimmt Werkzeuge",
    "Zählt Token",
    "Last",
)
EVERYBODY, YES, NO = "alle", "ja", "nein"
ROLE_NAMES = {
    "answer": "Antworten",
    "long": "lange Kontexte",
    "fast": "schnelle Aufgaben",
    "teacher": "Lehren",
    "vision": "Bilder",
}
ORIGINS = {"discovered": "sagt der Server", "configured": "eingestellt", "assumed": "angenommen"}
COUNTERS = {"server": "der Server, genau", "tokenizer": "ein lokaler Tokenizer", "estimate": "eine hohe Schätzung"}
TRY = "Etwas fragen"
PROMPT, PROMPT_DEFAULT = "Testfrage", "Sag in einem Satz, was du kannst."
MOST = "Längste Antwort, in Token"
MOST_HELP = "Dort hört das Modell auf, wo immer es gerade ist."
ASK = "Fragen"
WAITING = "Wartet auf das erste Wort"
NOTHING_CAME = "Das Modell hat ohne ein Wort aufgehört."
CUT = "Es hat bei der längsten Antwort aufgehört."
PARTS = "Modelle in diesem Prozess"
PART_NAMES = {
    "embedder": "Embedder",
    "sparse_embedder": "Gelerntes Wortmodell",
    "picture_embedder": "Bild-Embedder",
    "reranker": "Reranker",
}
LOADED, NOT_LOADED, NOT_SET = "Geladen", "Lädt bei der ersten Verwendung", "Keines ist eingerichtet"
COLUMNS = ("Teil", "Modell", "Gerät", "Zustand")
ANY_DEVICE = "das beste vorhandene"


def tokens(number: int) -> str:
    """Return a number of tokens."""
    return f"{_number(number)} Token"


def adapts(model: str) -> str:
    """Say which model an adapter belongs to."""
    return f"Adapter von {model}"


def dimension(number: int) -> str:
    """Return how long the vectors are."""
    return f"{_number(number)} Dimensionen"


def load(told: Load) -> str:
    """Say how busy a server is."""
    parts = [f"schreibt {told.at_work} von höchstens {told.most} Antworten für diesen Assistenten"]
    if told.waiting:
        parts.append(f"{told.waiting} warten hier")
    if told.running is not None:
        parts.append(f"der Server arbeitet an {told.running}")
    if told.queued is not None:
        parts.append(f"{told.queued} warten dort")
    if told.cache is not None:
        parts.append(f"{told.cache * 100:.0f} % seines Caches belegt")
    return ", ".join(parts)


def figures(trial: Trial) -> str:
    """Say how long a trial took."""
    parts = []
    if trial.first_seconds is not None:
        parts.append(f"Erstes Wort nach {_seconds(trial.first_seconds)} s")
    if trial.tokens_per_second is not None:
        parts.append(f"{trial.tokens_per_second:.1f}".replace(".", ",") + " Token je Sekunde")
    if trial.answer_tokens is not None:
        parts.append(f"{_number(trial.answer_tokens)} Token geschrieben")
    if trial.prompt_tokens is not None:
        cached = f" ({_number(trial.cached_tokens)} aus seinem Cache)" if trial.cached_tokens else ""
        parts.append(f"{_number(trial.prompt_tokens)} gelesen{cached}")
    return " \u00b7 ".join([*parts, f"{_seconds(trial.seconds)} s insgesamt"])


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f}".replace(".", ",")
