"""The texts of the API's own pages, by language: the one that was chosen in the web UI, else what the browser asks for.

What the house itself says, of an error, is English. The errors that people meet on these pages have their sentences
here too, by what the English ones are; another is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import Request

COOKIE = "assistant_language"  # the web UI keeps in it what a person chose
_PREFERENCE = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9]{1,8})*\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")
_LONGEST = 1000  # characters of a header that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTexts:
    """What the pages say in a language; `{name}`, `{user}` stand for what is put there, and `errors` is by pattern."""

    language: str
    sign_in: str
    sign_in_with: str
    either: str
    user_name: str
    password: str
    sign_out: str
    signed_out: str
    nobody_signed_in: str
    signed_in_as: str
    sign_out_there: str
    back: str
    try_again: str
    change_password: str
    set_by_another: str
    others_end: str
    old_password: str
    new_password: str
    new_password_help: str
    new_password_again: str
    not_the_same: str
    other_password: str
    errors: Mapping[str, str] = field(default_factory=dict)

    def error(self, said: str) -> str:
        """Return what the house says of an error in this language, as it is where nothing else is known for it."""
        for pattern, shown in self.errors.items():
            if found := re.fullmatch(pattern, said):
                return found.expand(shown)
        return said


ENGLISH = PageTexts(
    language="en",
    sign_in="Sign in",
    sign_in_with="Sign in with {name}",
    either="or",
    user_name="User name",
    password="Password",  # noqa: S106 (a label)
    sign_out="Sign out",
    signed_out="You are signed out",
    nobody_signed_in="Nobody is signed in with this browser.",
    signed_in_as="You are signed in as {user}.",
    sign_out_there="Sign out of {name} too",
    back="Back to the assistant",
    try_again="Try again",
    change_password="Change password",  # noqa: S106 (a label)
    set_by_another="Your password was set by somebody else.",
    others_end="Your other sessions end with it.",
    old_password="Password that you have",  # noqa: S106 (a label)
    new_password="New password",  # noqa: S106 (a label)
    new_password_help="12 characters or more. A few words in a row are good.",  # noqa: S106 (a text)
    new_password_again="New password again",  # noqa: S106 (a label)
    not_the_same="the new passwords are not the same",
    other_password="the password that you have is another",  # noqa: S106 (a text)
)
GERMAN = PageTexts(
    language="de",
    sign_in="Anmelden",
    sign_in_with="Mit {name} anmelden",
    either="oder",
    user_name="Kennung",
    password="Passwort",  # noqa: S106 (a label)
    sign_out="Abmelden",
    signed_out="Abgemeldet",
    nobody_signed_in="In diesem Browser ist niemand angemeldet.",
    signed_in_as="Angemeldet als {user}.",
    sign_out_there="Auch von {name} abmelden",
    back="Zurück zum Assistenten",
    try_again="Erneut versuchen",
    change_password="Passwort ändern",  # noqa: S106 (a label)
    set_by_another="Das jetzige Passwort hat jemand anderes gesetzt.",
    others_end="Mit der Änderung enden alle anderen Sitzungen.",
    old_password="Jetziges Passwort",  # noqa: S106 (a label)
    new_password="Neues Passwort",  # noqa: S106 (a label)
    new_password_help="Mindestens 12 Zeichen. Ein paar Wörter hintereinander sind gut.",  # noqa: S106 (a text)
    new_password_again="Neues Passwort noch einmal",  # noqa: S106 (a label)
    not_the_same="die neuen Passwörter sind nicht gleich",
    other_password="das jetzige Passwort lautet anders",  # noqa: S106 (a text)
    errors={
        "the name or the password is wrong, or the account is closed for now": (
            "Kennung oder Passwort stimmen nicht, oder das Konto ist vorerst geschlossen"
        ),
        r"after (\d+) wrong passwords nothing signs in for a while; an admin can set a new one": (
            r"nach \1 falschen Passwörtern geht eine Weile nichts; Admins können ein neues setzen"
        ),
        "too many wrong passwords came from your address": ("von dieser Adresse kamen zu viele falsche Passwörter"),
        r"wait (\d+) seconds": r"\1 Sekunden warten",
        "too many people sign in at this moment": "gerade melden sich zu viele Personen an",
        "try again in a few seconds": "in einigen Sekunden erneut versuchen",
        "the form is too old, or was not filled in here": "das Formular ist zu alt oder wurde nicht hier ausgefüllt",
        "fill it in once more": "noch einmal ausfüllen",
        r"a password has (\d+) to (\d+) characters, not (\d+)": r"ein Passwort hat \1 bis \2 Zeichen, nicht \3",
        "this password is among the first that are guessed": "dieses Passwort ist unter den ersten, die geraten werden",
        "a few words in a row are good": "ein paar Wörter hintereinander sind gut",
        "the new password is the old one": "das neue Passwort ist das alte",
        "choose another": "ein anderes wählen",
        "(?:the account .{1,300} is disabled|the account is disabled)": "das Konto ist gesperrt",
        "ask an admin": "Admins helfen weiter",
        "this browser did not ask to sign in, or too long ago": (
            "dieser Browser wollte sich nicht anmelden, oder es ist zu lange her"
        ),
        "sign in again": "erneut anmelden",
        "nobody here belongs to this account": "zu diesem Konto gehört hier niemand",
        "ask an admin for one": "Admins legen eines an",
    },
)
_BY_LANGUAGE = {one.language: one for one in (ENGLISH, GERMAN)}


def texts_for(request: Request) -> PageTexts:
    """Return the texts in the language that was chosen with this browser, else the first that it asks for and is here.

    Without either they are English.
    """
    chosen = _BY_LANGUAGE.get(request.cookies.get(COOKIE, ""))
    if chosen is not None:
        return chosen
    asked = _asked(request.headers.get("accept-language", ""))
    return next((_BY_LANGUAGE[language] for language in asked if language in _BY_LANGUAGE), ENGLISH)


def _asked(header: str) -> list[str]:
    """Return the languages of an `Accept-Language` header (RFC 9110, 12.5.4), the most wanted first."""
    wanted: list[tuple[float, str]] = []
    for part in header[:_LONGEST].split(","):
        if found := _PREFERENCE.fullmatch(part):
            weight = float(found[2] or 1)
            if weight > 0:
                wanted.append((-weight, found[1].lower()))
    return [language for _, language in sorted(wanted, key=lambda one: one[0])]
