"""The texts of the page of the index, in German."""

from __future__ import annotations

from ui.overseen import Compared, Progress, Recall, Suspicions

INDEX = "Index"
LEAD = "Womit gesucht wird, wie gut es findet, und ein anderer Index daneben."
CURRENT = "Der Index, mit dem gesucht wird"
ENGINES = {"edge": "in diesem Prozess", "qdrant": "auf einem Qdrant-Server"}
NAME, EMBEDDER, VECTORS, CHUNK_TOKENS, SPARSE = (
    "Name",
    "Embedder",
    "Vektoren",
    "Längster Abschnitt",
    "Gelerntes Wortmodell",
)
DOCUMENTS, CHUNKS, TOKENS, SIZE, CATALOG, FREE = (
    "Dokumente",
    "Abschnitte",
    "Token an Text",
    "Index auf der Platte",
    "Katalog auf der Platte",
    "Frei auf der Platte",
)
ON_A_SERVER, NONE = "auf einem Server", "keines"
INDEX_FAILS = "Der Index sagt nicht, was er enthält"
RECALL = "Was Suchen finden"
RECALL_HELP = (
    "Schnelle Suchen sehen nur einen Teil des Index an. Hier wird mit gespeicherten, etwas verschobenen Vektoren"
    " gefragt und mit Suchen verglichen, die alles ansehen: für Leser von allem und von kleinen Teilen."
)
CHECK_RECALL = "Jetzt messen"
NOT_MEASURED = "Seit dem Start des Assistenten nicht gemessen."
ALWAYS_EXACT = "Es gibt nichts zu vergleichen: Der Index ist leer oder wird immer ganz durchsucht."
READER, FOUND = "Leser von", "Findet von den nächsten"
LOW_RECALL = "Unter 97 % geht zu viel verloren. Den Index neu bauen und der zuständigen Person Bescheid geben."
OTHERS = "Alle Indizes"
STATES = {
    "building": "Wird gebaut",
    "ready": "Bereit zur Übernahme",
    "current": "In Verwendung",
    "kept": "Aufbewahrt, für den Rückweg",
    "dropped": "Aufgegeben",
}
GO_ON, GO_OVER, GO_BACK, GIVE_UP, STOP = "Weiterbauen", "Übernehmen", "Dorthin zurück", "Aufgeben", "Anhalten"
OVER_TITLE = "Mit diesem Index suchen?"
OVER_BODY = (
    "In wenigen Augenblicken wird damit gesucht; keine Suche geht dabei verloren. Der frühere Index wird aufbewahrt und"
    " nachgeführt, damit es einen Rückweg gibt. Gewartet wird, bis keine Quelle abgeglichen wird."
)
FORCE_BODY = "Er findet deutlich weniger als der jetzige: Dokumente werden fehlen. Nur tun, wenn der Grund bekannt ist."
BACK_TITLE = "Zum früheren Index zurück?"
BACK_BODY = "In wenigen Augenblicken wird wieder mit dem früheren Index gesucht. Der jetzige wird aufbewahrt."
DROP_TITLE = "Diesen Index aufgeben?"
DROP_BODY = "Seine Dateien werden gelöscht. Einen Rückweg gibt es nicht; er müsste von vorn gebaut werden."
BUILD = "Einen anderen Index bauen"
BUILD_HELP = (
    "Er wird neben diesem aus dem gespeicherten Text gebaut, während Suchen und Abgleiche weitergehen. Am Ende werden"
    " beide verglichen, und es wird entschieden, womit gesucht wird. Fast alle Zeit braucht das Einbetten."
)
NEW_EMBEDDER = "Embedder"
NEW_EMBEDDER_HELP = "`onnx`, oder Name oder Pfad eines Modells für sentence-transformers."
NEW_CHUNKS, NEW_CHUNKS_HELP = "Längster Abschnitt, in Token", "Des Embedders selbst; 32 bis 8.192."
NEW_SPARSE = "Gelerntes Wortmodell"
NEW_SPARSE_HELP = "Name oder Pfad eines SPLADE-Modells, für eine dritte Suche; leer: keines."
BEGIN = "Bauen"
SAME = "Mindestens eines der drei ändern: So ist dieser Index schon gemacht."
COMPARED = "Verglichen"
SUSPICIOUS = "Dokumente, die wie Befehle an einen Assistenten klingen"
SHOW_SUSPICIOUS = "Ansehen"
LACKING = "Dokumente, die ihm fehlen"
TASKS = {
    "build": "Ein anderer Index wird gebaut",
    "swap": "Übergang zu einem anderen Index",
    "back": "Rückweg zum früheren Index",
    "drop": "Ein Index wird gelöscht",
    "recall": "Es wird gemessen, was Suchen finden",
}
PHASES = {
    "preparing": "Nötiges wird geladen",
    "building": "Dokumente werden eingebettet",
    "comparing": "Vergleich mit dem jetzigen Index",
    "swapping": "Nachführen und Übernehmen",
    "deleting": "Dateien werden gelöscht",
    "measuring": "Suche auf beide Arten",
    "done": "fertig",
    "stopped": "angehalten",
    "failed": "fehlgeschlagen",
}
STARTED = "Begonnen. Diese Seite zeigt, wie weit es ist."
STOPPING = "Es wird nach dem jetzigen Dokument angehalten. Was gebaut ist, bleibt."


def progress(one: Progress) -> str:
    """Say what is being done, and how far it is."""
    counts = f": {number(one.done)} von {number(one.total)} Dokumenten" if one.total and one.task == "build" else ""
    return f"{TASKS[one.task]} \u2013 {PHASES[one.phase]}{counts}"


def took(seconds: float) -> str:
    """Return how long work took."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def made_by(embedder: str, chunk_tokens: int, sparse: str) -> str:
    """Return what an index is made by."""
    weighed = f" und {sparse}" if sparse else ""
    return f"{embedder}{weighed}, Abschnitte von {number(chunk_tokens)} Token"


def of_all(done: int, total: int) -> str:
    """Return how many of the documents an index holds."""
    return f"{number(done)} von {number(total)}" if total else ""


def number(amount: int) -> str:
    """Return a number."""
    return f"{amount:,}".replace(",", ".")


def in_index(amount: int, indexed: int | None) -> str:
    """Return a number, with the index's own where that is another."""
    if indexed is None or indexed == amount:
        return number(amount)
    return f"{number(amount)} ({number(indexed)} im Index, mit Fassungen, die gleich gehen)"


def size(amount: int) -> str:
    """Return a number of bytes."""
    for unit, step in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if amount >= step:
            return f"{amount / step:.1f}".replace(".", ",") + f" {unit}"
    return f"{amount} Byte"


def part(share: float) -> str:
    """Return a share in per cent."""
    return f"{share * 100:.1f}".replace(".", ",") + " %"


def tokens(amount: int) -> str:
    """Return a number of tokens."""
    return f"{number(amount)} Token"


def dimensions(amount: int) -> str:
    """Return how long a vector is."""
    return f"{number(amount)} Dimensionen"


def measured(one: Recall, when: str) -> str:
    """Say what was measured."""
    return f"{number(one.queries)} Suchen nach den {one.best} nächsten, {when}."


def compared(one: Compared) -> str:
    """Say what came of a comparison."""
    worst = min(one.recall.values(), default=1.0)
    return (
        f"{number(one.documents)} Dokumente in beiden. Abschnitte: jetzt {number(one.chunks[0])}, im neuen"
        f" {number(one.chunks[1])}. Von {number(one.queries)} Sätzen und Überschriften findet der jetzige Index"
        f" {part(one.found[0])} unter seinen besten zehn, der neue {part(one.found[1])}. Die schnelle Suche des neuen"
        f" findet {part(worst)} der nächsten."
    )


def suspicions(one: Suspicions) -> str:
    """Say how many documents people are warned of."""
    threshold = f"{one.threshold:g}".replace(".", ",")
    were, have = "wurde" if one.reviewed == 1 else "wurden", "hat" if one.slight == 1 else "haben"
    return (
        f"Vor {number(one.flagged)} wird gewarnt; {number(one.reviewed)} {were} angesehen und durchgelassen;"
        f" {number(one.slight)} {have} leichte Anzeichen, unter dem Wert {threshold}, ab dem gewarnt wird."
    )
