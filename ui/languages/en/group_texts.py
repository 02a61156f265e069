"""The texts about groups; `people_texts` has those about people."""

from __future__ import annotations

from ui.groups import Group
from ui.languages.en.texts import count

PARTS = {"people": "People", "groups": "Groups"}
PART = "Show"
LEAD = "Readers of documents are named by group. A change holds from the next request on."
FIND, FIND_PLACEHOLDER = "Find", "Group, or somebody in it"
NONE_FOUND, NONE_FOUND_HINT = "No group is found", "Try another part of the name."
NO_MEMBERS = "Nobody is in it. Documents that only it may read are read by nobody."
EVERYBODY_IN = "Everybody is in it who may sign in."
WHO, ADD_WHO, ADD_WHO_PLACEHOLDER, ADD = "Who is in it", "Add people", "Choose people", "Add"
TAKE_AWAY, DISABLED = "Take out", "disabled"
NEW, NEW_HELP = "New group", "A group is there as soon as somebody is in it; its name has no comma."
NEW_NAME, MAKE = "Name", "Make the group"
NEST, INNER, OUTER = "Put a group into another", "This group", "into this one"
NEST_HELP = "Whoever is in the first one is in the second one too, and reads what that one may read."
CHOOSE, PUT = "Choose a group", "Put in"
TAKE_OUT = "Take out"
WAYS = {"given": "given here", "provided": "by the identity provider", "everyone": "everybody is", "named": "itself"}
BY_PROVIDER = "Identity provider"
NEEDS_WHO = "Choose who is in it: a group without anybody is none."


def facts(group: Group) -> list[str]:
    """Say in a few words how large a group is, and what it holds."""
    said = [count(len({*group.given, *group.provided}), "person", "people") + " directly"]
    if group.children:
        said.append(f"holds {', '.join(group.children)}")
    if group.parents:
        said.append(f"in {', '.join(group.parents)}")
    if group.documents:
        said.append(f"named by {count(group.documents, 'document')}")
    return said


def sources(names: tuple[str, ...]) -> str:
    """Say which sources' rules name a group."""
    return f"Named by the readers of {', '.join(names)}."


def members_shown(shown: int, total: int) -> str:
    """Say that not all are shown."""
    return f"The first {shown:,} of {total:,} are shown."


def take_out(child: str, parent: str) -> tuple[str, str]:
    """Ask whether a group is to be taken out of another."""
    return (
        f"Take {child} out of {parent}?",
        f"Whoever is in {parent} only by {child} reads no more what {parent} may read.",
    )


def take_away(person: str, group: str) -> tuple[str, str]:
    """Ask whether somebody is to be taken out of a group."""
    return f"Take {person} out of {group}?", f"{person} reads no more what only {group} may read."


def changed(group: str) -> str:
    """Say that a group was changed."""
    return f"{group} was changed."
