"""The texts of signing in, of people and of one's own account; `texts` has all others."""

from __future__ import annotations

from ui.languages.en.formats import day

PEOPLE, ACCOUNT = "People and groups", "Account"

# signing in
SIGN_IN, SIGN_OUT, SIGN_IN_AGAIN = "Sign in", "Sign out", "Sign in again"
WELCOME, WELCOME_BODY = "Assistant", "Sign in to ask about the documents that you may read."
ENDED, ENDED_BODY = "Your sign-in has ended", "Sign in again, and you come back to this page."
CHANGE_FIRST = "Choose a password of your own"
CHANGE_FIRST_BODY = "Yours was set by somebody else. Once you have changed it, you come back to this page."
CHANGE_PASSWORD = "Change password"  # noqa: S105 (a label)

# roles
ROLES = {
    "employee": "Employee",
    "curator": "Curator",
    "auditor": "Auditor",
    "admin": "Admin",
    "operator": "Operator",
}
ROLE_HELP = (
    "Employees ask and read. Curators also look after the sources that are named below. Auditors also read the audit "
    "log. Admins manage sources, tools and people; they read no more than their groups allow."
)

# people
ADD_PERSON, ADD = "Add a person", "Add"
FIND, FIND_PLACEHOLDER = "Find", "Name, id, mail or group"
ID, ID_HELP = "User name", "As the person signs in, and as readers name the person: user:ID. It cannot be changed."
NAME, MAIL, ROLE = "Name", "Mail address", "Role"
GROUPS, GROUPS_HELP = "Groups", "Separated by commas. Everybody is in everyone."
CURATES, CURATES_HELP = "Looks after", "Sources that a curator pauses, syncs and watches."
CURATES_PLACEHOLDER = "Choose sources"
SAVE, MANAGE = "Save", "Change"
RESET, RESET_DONE = "Set a new password", "The new password, shown this once:"
RESET_HINT = "Give it to the person. It has to be changed at the next sign-in."
CLOSE_ACCOUNT, OPEN_ACCOUNT = "Disable", "Enable"
END_SESSIONS = "End all sessions"
RESET_BODY = (
    "The password of now stops working at once, and the person is signed out everywhere. The new one is shown"
    " to you once: give it to the person."
)
END_BODY = "The person is signed out in every browser at once, and can sign in again."
END_OWN_BODY = "You are signed out at once in every browser but this one."
CLOSE_BODY = (
    "The person is signed out everywhere at once, and neither signs in nor uses tokens until the account is enabled"
    " again. Nothing is deleted."
)
DISABLED, LOCKED, NO_PASSWORD, PROVIDED = "Disabled", "Locked", "No password yet", "Identity provider"
NOBODY, NOBODY_HINT = "Nobody is found", "Try another part of the name."
FROM_PROVIDER = "from the identity provider"

# sessions and tokens
SESSIONS, NO_SESSIONS = "Where you are signed in", "Not signed in anywhere."
SESSIONS_OF = "Signed in"
THIS_ONE, END, END_OTHERS = "This browser", "End", "End all others"
TOKENS, NO_TOKENS = "Tokens of programs", "No tokens."
TOKENS_BODY = "A program signs in with a token as you, for what the token is for."
NEW_TOKEN, MAKE_TOKEN, REVOKE = "Make a token", "Make", "Revoke"
REVOKE_BODY = "The program that has it is refused from now on. A revoked token cannot be made good again."
TOKEN_NAME, TOKEN_NAME_PLACEHOLDER, TOKEN_SCOPES, TOKEN_DAYS = "What for", "My script", "May", "Good for (days)"
TOKEN_SCOPES_PLACEHOLDER = "Choose what for"  # noqa: S105 (a label)
TOKEN_DONE, TOKEN_HINT = "The token, shown this once:", "Keep it where only the program finds it."
SCOPES = {
    "read": "search and read",
    "ask": "ask",
    "upload": "upload",
    "manage": "manage",
    "audit": "read the audit log",
    "metrics": "read metrics",
    "scim": "provision people",
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
    known = " on ".join(part for part in (browser, system) if part)
    return known or agent[:60] or "Unknown program"


def until(moment: float) -> str:
    """Return a day."""
    return f"until {day(moment)}"


def added(name: str) -> str:
    """Say that a person was added."""
    return f"{name} was added. Set a password, so that {name} can sign in."


def changed(name: str) -> str:
    """Say that an account was changed."""
    return f"{name} was changed."


def reset_title(name: str) -> str:
    """Ask whether a new password is to be set."""
    return f"Set a new password for {name}?"


def end_title(name: str) -> str:
    """Ask whether all sessions of a person are to end."""
    return f"End all sessions of {name}?"


def close_title(name: str) -> str:
    """Ask whether an account is to be closed."""
    return f"Disable the account of {name}?"


def revoke_title(name: str) -> str:
    """Ask whether a token is to be revoked."""
    return f"Revoke the token {name}?"


def opened(name: str) -> str:
    """Say that an account was opened."""
    return f"{name} can sign in again."


def closed(name: str) -> str:
    """Say that an account was closed."""
    return f"{name} can no longer sign in."


def ended(number: int) -> str:
    """Say how many sessions were ended."""
    return "1 session was ended." if number == 1 else f"{number} sessions were ended."


def people_shown(shown: int, total: int) -> str:
    """Say that not all are shown."""
    return f"The first {shown} of {total} are shown. Find others by a part of their name."
