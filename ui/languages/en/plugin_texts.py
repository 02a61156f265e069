"""The texts of the page of plugins."""

from __future__ import annotations

from ui.languages.en.texts import count

PLUGINS = "Plugins"
LEAD = "What brings sources, tools, readers of formats and packs to the assistant, and whether it is well."
FILTER, FILTER_PLACEHOLDER = "Filter", "Name or what it offers"
KIND, ANY_KIND = "Kind", "All kinds"
STATE, ANY_STATE = "State", "All states"
KINDS = {
    "source": "Sources",
    "tool": "Tools",
    "tool kind": "Tools to configure",
    "parser": "Readers of formats",
    "pack": "Packs",
    "post-processor": "Post-processors",
}
STATES = {
    "enabled": "On",
    "disabled": "Off",
    "new": "New",
    "changed": "Changed since it was enabled",
    "broken": "Broken",
    "gone": "Gone",
}
NONE, NONE_HINT = "No plugin matches", "Shorten the filter, or choose another kind or state."
ENABLE, DISABLE, HEALTH, LOOK = "Switch on", "Switch off", "How is it?", "What does it want?"
ENABLE_CHANGED = "Use this version"
ASKING = "Asking the plugin"
WELL = "It is well."
EXPERIMENTAL = "Experimental: nobody has run it against the real thing yet."
UNDECLARED = "It does not say what it wants to use."
VERSION, HOSTS, PATHS, SECRETS, WRITES = (
    "Version",
    "Talks to",
    "Reads the folders",
    "Uses the secrets",
    "Changes things outside",
)
ANYTHING, NOTHING, YES, NO = "anything", "nothing", "yes", "no"
ORIGINS = {"built-in": "built in", "folder": "the folder of plugins"}
DISABLE_TITLE = "Switch this plugin off?"
DISABLE_BODY = (
    "Sources and tools of its kind stop: nothing new comes in by them. What was indexed from its sources stays and can"
    " be found. It can be switched on again."
)
GROUPS, GROUPS_HELP = "Who has this pack", "Groups, or user:ID, separated by commas."
GROUPS_MISSING = "Name the groups that are to have the pack."
DOCUMENTS = "In which documents it finds structure"
DOCUMENTS_HELP = "A source and a glob of its keys a line, such as `contracts: 2026/**`. Empty: in none."
SAVE = "Save"
SET_UP_TOOL, ADD_SOURCE = "Set up a tool of it", "Add a source of it"


def wrong_line(line: str) -> str:
    """Say that a line names no documents."""
    return f"Write a source, a colon and a glob: {line}"


def number(shown: int) -> str:
    """Return how many plugins are shown."""
    return count(shown, "plugin")


def package(origin: str) -> str:
    """Return where a plugin comes from."""
    return ORIGINS.get(origin, origin)


def changed(name: str, state: str) -> str:
    """Say what a plugin is now."""
    return f"{name}: {STATES.get(state, state).lower()}."
