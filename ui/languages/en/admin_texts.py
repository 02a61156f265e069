"""The texts of the forms and pages of admins; `texts` has all others."""

from __future__ import annotations

from collections.abc import Sequence

from ui.languages.en.texts import count

# forms made from schemas
MORE_FIELDS = "More"
OPTIONAL = "(optional)"
KEPT = "Stays as it is while this is empty"
FORGET_STORED = "Forget what is stored"
EDIT, SAVE = "Change", "Save"
A_LINE_EACH, A_PAIR_EACH, AS_JSON = "One a line", "Name: value, one a line", "As JSON"
KIND, CHOOSE_KIND = "Kind", "Choose what to add"
CHOOSE = "Choose"
NOT_SAID, YES, NO = "Not said", "Yes", "No"
ADD_THIS, TEST = "Add", "Test"

# sources of any kind
SOURCE_NAME, SOURCE_NAME_HELP = "Name of the source", "What it is called in lists and in citations."

# tools
NO_TOOLS = "No tools are configured"
NO_TOOLS_HINT = "A tool lets the model look things up, or do them, while it answers."
ADD_TOOL = "Add a tool"
TOOL_NAME, TOOL_NAME_HELP = "Name", "Lower-case letters, digits and _; the model sees it."
TOOL_GROUPS = "Who may use it"
TOOL_GROUPS_PLACEHOLDER = "sales, user:ann"
TOOL_GROUPS_HELP = "Groups, or user:ID, separated by commas; everyone for all. Empty: the operator only."
ENABLE, DISABLE = "Switch on", "Switch off"
TOOL_STATES = {"enabled": "On", "disabled": "Off", "failing": "Failing", "stopped": "Plugin is disabled"}
WRITES, REACHES_OUT = " (asks before it runs)", " (goes outside; asks before it runs)"
FROM_SETTINGS = "from the settings file"
REMOVE_TOOL_TITLE = "Remove this tool?"
REMOVE_TOOL_BODY = "Its configuration and its secrets are forgotten. What it is connected to stays as it is."
_TOOL_DONE = {"add": "was added", "test": "works", "edit": "was changed", "enable": "is on", "disable": "is off"}


def asks(*, writes: bool, reaches_out: bool) -> str:
    """Say of a tool that a person is asked before it runs, if one is."""
    return WRITES if writes else REACHES_OUT if reaches_out else ""


def field_missing(label: str) -> str:
    """Say that a field has to be filled in."""
    return f"{label} has to be filled in."


def field_no_json(label: str) -> str:
    """Say that a field holds no JSON."""
    return f"{label} is no JSON."


def field_no_pair(label: str) -> str:
    """Say that a line of a field is no pair."""
    return f"{label}: write a name, a colon and a value in each line."


def offered(number: int) -> str:
    """Name what a configured tool offers."""
    return f"Offers {count(number, 'tool')}"


def for_groups(groups: Sequence[str]) -> str:
    """Say for whom a tool is."""
    return f"for {', '.join(groups)}" if groups else "for the operator only"


def works(tried: str) -> str:
    """Say that a configuration was tried, and how."""
    return f"This works: {tried}."


def tool_done(name: str, action: str, tried: str) -> str:
    """Say what was done with a tool, and what was tried for it."""
    return f"{name} {_TOOL_DONE[action]}{f': {tried}' if tried else ''}."


# what two people change at once


def changed(now: Sequence[str]) -> str:
    """Say what somebody else made of what a form was drawn from, a line for each part."""
    return f"It is now: {'; '.join(now)}. Press again to put yours in its place."
