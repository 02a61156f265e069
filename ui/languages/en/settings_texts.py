"""The texts of the page of settings."""

from __future__ import annotations

SETTINGS = "Settings"
LEAD = "What this assistant is set to. Secrets are masked."
HOW = "Settings are read when the assistant starts"
SEARCH, SEARCH_PLACEHOLDER = "Find a setting", "Name, variable or meaning"
ONLY_SET = "Only what differs from the default"
NONE, NONE_HINT = "No such setting", "Look for another word, or show all."
VALUE, DEFAULT, CHOICES = "Value", "Default", "One of"
EMPTY = "(empty)"
AS_VARIABLE = "As a variable, or a line of .env"
IN_CHART = "In the values of the Helm chart"
IN_HIDDEN = "It is secret: in the settings file, which the Helm chart takes from its Secret"
NO_VARIABLE = "It is a table of the settings file."
ORIGINS = {"default": "default", "file": "settings file", "environment": "variable or command line"}
GROUPS = {
    "folders": "Folders",
    "catalog": "Catalog and index",
    "embedding": "Embedding",
    "models": "Models",
    "documents": "Documents",
    "tools": "Tools and plugins",
    "answers": "Answers",
    "conversations": "Conversations",
    "search": "Search",
    "addresses": "Addresses",
    "work": "Work in the background",
    "audit": "Audit log and records",
    "sign_in": "Sign-in",
    "rights": "Rights",
    "logs": "Logs",
}


def how(file: str, *, there: bool) -> str:
    """Say how settings are changed."""
    place = f"`{file}`" + ("" if there else " (it is not there yet)")
    return f"None is changed while it runs: set the variable, or the line in {place}, and restart all its processes."


def group(name: str, number: int) -> str:
    """Name a group with the number of its settings."""
    return f"{GROUPS.get(name, name)} ({number})"
