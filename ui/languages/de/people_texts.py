"""The texts of signing in, of people and of one's own account; `texts` has all others."""

from __future__ import annotations

from ui.languages.de.formats import day, number

PEOPLE, ACCOUNT = "Personen und Gruppen", "Konto"

# signing in
SIGN_IN, SIGN_OUT, SIGN_IN_AGAIN = "Anmelden", "Abmelden", "Erneut anmelden"
WELCOME, WELCOME_BODY = "Assistant", "Nach der Anmeldung lassen sich alle zugänglichen Dokumente befragen."
ENDED, ENDED_BODY = "Die Anmeldung ist abgelaufen", "Nach erneuter Anmeldung geht es auf dieser Seite weiter."
CHANGE_FIRST = "Ein eigenes Passwort wählen"
CHANGE_FIRST_BODY = "Das jetzige hat jemand anderes gesetzt. Nach der Änderung geht es auf dieser Seite weiter."
CHANGE_PASSWORD = "Passwort ändern"  # noqa: S105 (a label)

# roles
ROLES = {
    "employee": "Mitarbeiter/in",
    "curator": "Kurator/in",
    "auditor": "Prüfer/in",
    "admin": "Admin",
    "operator": "Betrieb",
}
ROLE_HELP = (
    "Mitarbeitende fragen und lesen. Kurator/innen betreuen außerdem die unten genannten Quellen. Prüfer/innen lesen"
    " außerdem das Prüfprotokoll. Admins verwalten Quellen, Werkzeuge und Personen; sie lesen nur, was ihre Gruppen"
    " dürfen."
)

# people
ADD_PERSON, ADD = "Person hinzufügen", "Hinzufügen"
FIND, FIND_PLACEHOLDER = "Suchen", "Name, Kennung, Mail oder Gruppe"
ID, ID_HELP = "Kennung", "Für die Anmeldung und bei Leserechten als user:KENNUNG. Sie lässt sich nicht ändern."
NAME, MAIL, ROLE = "Name", "Mailadresse", "Rolle"
GROUPS, GROUPS_HELP = "Gruppen", "Durch Kommas getrennt. Alle sind in everyone."
CURATES, CURATES_HELP = "Betreut", "Quellen, die diese Person anhält, abgleicht und beobachtet."
CURATES_PLACEHOLDER = "Quellen wählen"
SAVE, MANAGE = "Speichern", "Ändern"
RESET, RESET_DONE = "Neues Passwort setzen", "Das neue Passwort, nur dieses eine Mal zu sehen:"
RESET_HINT = "Der Person geben. Bei der nächsten Anmeldung muss es geändert werden."
CLOSE_ACCOUNT, OPEN_ACCOUNT = "Sperren", "Entsperren"
END_SESSIONS = "Alle Sitzungen beenden"
RESET_BODY = (
    "Das bisherige Passwort gilt sofort nicht mehr, und die Person wird überall abgemeldet. Das neue ist nur einmal zu"
    " sehen und muss der Person gegeben werden."
)
END_BODY = "Die Person wird sofort in jedem Browser abgemeldet und kann sich wieder anmelden."
END_OWN_BODY = "Sofort sind alle Browser abgemeldet, außer diesem."
CLOSE_BODY = (
    "Die Person wird sofort überall abgemeldet. Bis zum Entsperren kann sie sich nicht anmelden, und ihre Token gelten"
    " nicht. Gelöscht wird nichts."
)
DISABLED, LOCKED, NO_PASSWORD, PROVIDED = "Gesperrt", "Zu viele Versuche", "Noch kein Passwort", "Identitätsanbieter"
NOBODY, NOBODY_HINT = "Niemand gefunden", "Einen anderen Teil des Namens versuchen."
FROM_PROVIDER = "vom Identitätsanbieter"

# sessions and tokens
SESSIONS, NO_SESSIONS = "Angemeldet auf", "Nirgends angemeldet."
SESSIONS_OF = "Angemeldet"
THIS_ONE, END, END_OTHERS = "Dieser Browser", "Beenden", "Alle anderen beenden"
TOKENS, NO_TOKENS = "Token für Programme", "Keine Token."
TOKENS_BODY = "Ein Programm meldet sich mit einem Token im eigenen Namen an und darf, wofür das Token gilt."
NEW_TOKEN, MAKE_TOKEN, REVOKE = "Token erstellen", "Erstellen", "Widerrufen"
REVOKE_BODY = "Das Programm, das es hat, wird ab sofort abgewiesen. Widerrufen lässt sich nicht zurücknehmen."
TOKEN_NAME, TOKEN_NAME_PLACEHOLDER, TOKEN_SCOPES, TOKEN_DAYS = "Wofür", "Mein Skript", "Darf", "Gültig (Tage)"
TOKEN_SCOPES_PLACEHOLDER = "Wählen, wofür"  # noqa: S105 (a label)
TOKEN_DONE, TOKEN_HINT = "Das Token, nur dieses eine Mal zu sehen:", "So aufbewahren, dass nur das Programm es findet."
SCOPES = {
    "read": "suchen und lesen",
    "ask": "fragen",
    "upload": "hochladen",
    "manage": "verwalten",
    "audit": "Prüfprotokoll lesen",
    "metrics": "Messwerte lesen",
    "scim": "Personen bereitstellen",
}
_USABLE = {
    "employee": ("read", "ask", "upload"),
    "curator": ("read", "ask", "upload", "manage"),
    "auditor": ("read", "ask", "upload", "audit", "metrics"),
}


def scopes_for(role: str) -> tuple[str, ...]:
    """Return the scopes that a token of this role is of use with."""
    return _USABLE.get(role, tuple(SCOPES))


def program(agent: str) -> str:
    """Return a browser's name for itself, short: the browser and the system where they are known."""
    browsers = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    systems = {
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Windows": "Windows",
        "Mac OS X": "macOS",
        "Linux": "Linux",
    }
    browser = next((name for mark, name in browsers.items() if mark in agent), "")
    system = next((name for mark, name in systems.items() if mark in agent), "")
    known = " auf ".join(part for part in (browser, system) if part)
    return known or agent[:60] or "Unbekanntes Programm"


def until(moment: float) -> str:
    """Return a day."""
    return f"bis {day(moment)}"


def added(name: str) -> str:
    """Say that a person was added."""
    return f"{name} wurde hinzugefügt. Zum Anmelden fehlt noch ein Passwort."


def changed(name: str) -> str:
    """Say that an account was changed."""
    return f"{name} wurde geändert."


def reset_title(name: str) -> str:
    """Ask whether a new password is to be set."""
    return f"Ein neues Passwort für {name} setzen?"


def end_title(name: str) -> str:
    """Ask whether all sessions of a person are to end."""
    return f"Alle Sitzungen von {name} beenden?"


def close_title(name: str) -> str:
    """Ask whether an account is to be closed."""
    return f"Das Konto von {name} sperren?"


def revoke_title(name: str) -> str:
    """Ask whether a token is to be revoked."""
    return f"Das Token {name} widerrufen?"


def opened(name: str) -> str:
    """Say that an account was opened."""
    return f"{name} kann sich wieder anmelden."


def closed(name: str) -> str:
    """Say that an account was closed."""
    return f"{name} kann sich nicht mehr anmelden."


def ended(number: int) -> str:
    """Say how many sessions were ended."""
    return "1 Sitzung wurde beendet." if number == 1 else f"{number} Sitzungen wurden beendet."


def people_shown(shown: int, total: int) -> str:
    """Say that not all are shown."""
    return f"Zu sehen sind die ersten {number(shown)} von {number(total)}. Andere über einen Teil des Namens suchen."
