"""The texts on who may read what."""

from __future__ import annotations

from collections.abc import Sequence

from ui.access_models import Effect, Grant, Preview, Sees, Why
from ui.languages.de.formats import clock, number
from ui.languages.de.texts import count, document_count

ACCESS = "Zugriff"
LEAD = "Was jemand lesen darf und warum; mit einem Dokument dazu: ob dieses dabei ist."
WHO, WHO_PLACEHOLDER = "Wer", "anna oder group:hr"
WHO_HELP = "Die Kennung einer Person, oder group: und ein Gruppenname für jemanden, der nur in dieser Gruppe ist."
SOURCE, KEY = "Quelle", "Dokument"
KEY_PLACEHOLDER = "hr/gehalt.md"
KEY_HELP = "Der Pfad wie in der Liste der Dokumente. Leer: alles, was die Person oder Gruppe lesen darf."
LOOK = "Nachsehen"
NO_SOURCES = "Es gibt keine Quelle in eigener Betreuung."
ALLOWED, DENIED = "Erlaubt", "Verweigert"
LISTED = "Dokumente"
READERS_OF = "Wer lesen darf"
RULE_TITLE = "Wer eine Quelle lesen darf"
DEFAULT = "Wer alles Übrige lesen darf"
DEFAULT_HELP = (
    "Gruppen oder user:KENNUNG, durch Kommas getrennt; in einer Regel verweigert ein - vor dem Namen. everyone sind"
    " alle, ein leeres Feld niemand."
)
RULES = "Regeln, eine je Zeile"
RULES_PLACEHOLDER = "personal/**: hr, -aushilfen"
RULES_HELP = (
    "Ein Muster für Pfade, ein Doppelpunkt und wer lesen darf; ein - vor dem Namen verweigert. Es gilt die letzte"
    " Zeile, deren Muster passt."
)
PREVIEW, SET = "Vorschau", "Festlegen"
NOTHING_CHANGES = "Für niemanden ändert sich etwas."
NAMES_STAY = "Die anderen Namen, die die Leserechte dieser Quelle hier haben, bleiben, wie sie sind."
RULE_SET = "Die Regel ist festgelegt. Was sie nimmt, ist jetzt weg; was sie gibt, kommt mit dem Abgleich der Quelle."

_VERDICTS = {
    "allowed": "darf es lesen",
    "denied": "darf es nicht lesen: Eine Verweigerung geht vor",
    "not_granted": "darf es nicht lesen: Nichts erlaubt es",
    "opened": "darf es lesen: Es ist durch Notzugriff offen",
    "everything": "liest alles",
    "disabled": "liest es nicht: Das Konto ist gesperrt",
}
_WAYS = {
    "given": "hier vergeben",
    "provided": "vom Identitätsanbieter",
    "everyone": "alle sind darin",
    "named": "wie gefragt",
}


def verdict(why: Why) -> str:
    """Return the decision in a sentence."""
    return f"{named(why.subject)} {_VERDICTS[why.verdict]}."


def named(subject: str) -> str:
    """Return what a principal is called."""
    kind, _, name = subject.partition(":")
    return f"Die Gruppe {name}" if kind == "group" else name


def chain(subject: str, grant: Grant) -> list[str]:
    """Return the steps from the person to the principal that the document has."""
    if not grant.path:
        return [named(subject), "selbst genannt"]
    first, *more = grant.path
    way = _WAYS.get(grant.way, grant.way)
    start = [f"{first} ({way})"] if grant.way == "named" else [named(subject), f"{first} ({way})"]
    return [*start, *more]


def by_principal(what: str, principal: str) -> str:
    """Return what a grant does, and by which principal of the document's."""
    return f"{what} als {principal}"


def readers(why: Why) -> str:
    """Return who may read the document, and who says so."""
    said = ", ".join(why.allow) or "niemand"
    denied = f", aber nicht {', '.join(why.deny)}" if why.deny else ""
    by = {"source": "wie die Quelle sagt", "rule": f"nach der Regel {why.glob}"}.get(
        why.origin, "nach der Vorgabe der Regel"
    )
    of = f" für {why.parent}, worin es liegt" if why.parent else ""
    return f"{said}{denied}, {by}{of}"


def coming(names: Sequence[str]) -> str:
    """Return who is to read the document from the next sync on."""
    return f"Die Regel wurde geändert: Ab dem nächsten Abgleich gilt {', '.join(names) or 'niemand'}."


def sight(found: Sees) -> str:
    """Return how much somebody may read."""
    private = f" und {document_count(found.private)} aus Hochgeladenem von Personen" if found.private else ""
    disabled = " Das Konto ist gesperrt: Niemand meldet sich damit an." if found.disabled else ""
    return f"{named(found.subject)} darf {document_count(found.documents)}{private} lesen.{disabled}"


def folder(source: str, path: str, documents: int) -> tuple[str, str]:
    """Return a folder's name and how much of it is read."""
    return f"{source} / {path}" if path else source, document_count(documents)


def and_more(shown: int, total: int) -> str:
    """Return how many documents are not named."""
    return f"und {number(total - shown)} mehr"


def preview(found: Preview) -> str:
    """Return what a rule would change in a sentence."""
    of_source = ""
    if found.of_source:
        verb = "hat" if found.of_source == 1 else "haben"
        of_source = (
            f" {document_count(found.of_source)} davon {verb} Leserechte aus der Quelle selbst; die gelten stattdessen."
        )
    verb = "hätte" if found.changed == 1 else "hätten"
    of = count(found.documents, "Dokument", "Dokumenten")
    return f"{number(found.changed)} von {of} {verb} andere Leserechte.{of_source}"


def effect(one: Effect) -> str:
    """Return what a rule would change for somebody."""
    parts = []
    if one.gained:
        parts.append(f"gewinnt {number(one.gained)}: {_some(one.gains, one.gained)}")
    if one.lost:
        parts.append(f"verliert {number(one.lost)}: {_some(one.losses, one.lost)}")
    return f"vorher {number(one.before)}, nachher {number(one.after)}; {'; '.join(parts)}"


def _some(keys: Sequence[str], total: int) -> str:
    more = f" und {number(total - len(keys))} mehr" if total > len(keys) else ""
    return ", ".join(keys) + more


def wrong_line(line: str) -> str:
    """Return what is wrong with a line of the rules."""
    return f"Diese Zeile ist keine Regel: {line}"


def opened_until(moment: float) -> tuple[str, str]:
    """Return the banner above a document that is open by break-glass."""
    return (
        f"Durch Notzugriff offen bis {clock(moment)}",
        "Keine Freigabe erlaubt das Lesen dieses Dokuments. Dass und warum es geöffnet wurde, bleibt festgehalten.",
    )
