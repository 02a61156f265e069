"""The texts about groups; `people_texts` has those about people."""

from __future__ import annotations

from ui.groups import Group
from ui.languages.de.formats import number as _number

PARTS = {"people": "Personen", "groups": "Gruppen"}
PART = "Anzeigen"
LEAD = "Wer Dokumente lesen darf, wird nach Gruppen benannt. Eine Änderung gilt ab der nächsten Anfrage."
FIND, FIND_PLACEHOLDER = "Suchen", "Gruppe, oder jemand darin"
NONE_FOUND, NONE_FOUND_HINT = "Keine Gruppe gefunden", "Einen anderen Teil des Namens versuchen."
NO_MEMBERS = "Niemand ist darin. Dokumente, die nur sie lesen darf, liest niemand."
EVERYBODY_IN = "Alle sind darin, die sich anmelden dürfen."
WHO, ADD_WHO, ADD_WHO_PLACEHOLDER, ADD = "Wer darin ist", "Personen hinzufügen", "Personen wählen", "Hinzufügen"
TAKE_AWAY, DISABLED = "Herausnehmen", "gesperrt"
NEW = "Neue Gruppe"
NEW_HELP = "Eine Gruppe gibt es, sobald jemand darin ist; ihr Name hat kein Komma."
NEW_NAME, MAKE = "Name", "Gruppe anlegen"
NEST, INNER, OUTER = "Eine Gruppe in eine andere setzen", "Diese Gruppe", "in diese"
NEST_HELP = "Wer in der ersten ist, ist auch in der zweiten und liest, was diese lesen darf."
CHOOSE, PUT = "Eine Gruppe wählen", "Hineinsetzen"
TAKE_OUT = "Herausnehmen"
WAYS = {"given": "hier gegeben", "provided": "vom Identitätsanbieter", "everyone": "alle sind es", "named": "selbst"}
BY_PROVIDER = "Identitätsanbieter"
NEEDS_WHO = "Wählen, wer darin ist: Eine Gruppe ohne jemanden ist keine."


def facts(group: Group) -> list[str]:
    """Say in a few words how large a group is, and what it holds."""
    people = len({*group.given, *group.provided})
    said = ["1 Person unmittelbar" if people == 1 else f"{_number(people)} Personen unmittelbar"]
    if group.children:
        said.append(f"enthält {', '.join(group.children)}")
    if group.parents:
        said.append(f"in {', '.join(group.parents)}")
    if group.documents:
        documents = "einem Dokument" if group.documents == 1 else f"{_number(group.documents)} Dokumenten"
        said.append(f"von {documents} genannt")
    return said


def sources(names: tuple[str, ...]) -> str:
    """Say which sources' rules name a group."""
    return f"Genannt in den Leserechten von {', '.join(names)}."


def members_shown(shown: int, total: int) -> str:
    """Say that not all are shown."""
    return f"Die ersten {_number(shown)} von {_number(total)} sind zu sehen."


def take_out(child: str, parent: str) -> tuple[str, str]:
    """Ask whether a group is to be taken out of another."""
    return (
        f"{child} aus {parent} herausnehmen?",
        f"Wer nur durch {child} in {parent} ist, liest nicht mehr, was {parent} darf.",
    )


def take_away(person: str, group: str) -> tuple[str, str]:
    """Ask whether somebody is to be taken out of a group."""
    return f"{person} aus {group} herausnehmen?", f"{person} liest nicht mehr, was nur {group} lesen darf."


def changed(group: str) -> str:
    """Say that a group was changed."""
    return f"{group} wurde geändert."
