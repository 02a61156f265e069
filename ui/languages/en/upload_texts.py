"""The texts about a person's own files."""

from __future__ import annotations

from ui.languages.en.run_texts import size
from ui.languages.en.texts import count

MY_FILES = "My files"
INTRO = "Files that you add here can be asked for within seconds. Nobody but you reads them, unless you share them."
CHOOSE, CHOOSE_HELP = "Add files", "Several at once; a file of a name that is here already takes its place."
SEND = "Add to my files"
NONE, NONE_HINT = "No files of yours yet", "Add a PDF, an Office file, a text or a picture above."
STATES = {"waiting": "Being read", "indexed": "Ready", "failed": "Failed"}
SHARE, SHARED_WITH = "Share", "Who may read it as well"
SHARE_PLACEHOLDER, SHARE_HELP = "nobody", "Groups, or user:ID for a person, separated by commas. Empty: only you."
SAVE = "Save"
REMOVE_TITLE = "Remove this file?"
PRIVATE = "only you read it"


def limits(largest: int, used: int, quota: int | None) -> str:
    """Say how large a file may be, and how much room there is."""
    room = f"{size(used)} of {size(quota)} used" if quota else f"{size(used)} used"
    return f"Up to {size(largest)} a file; {room}."


def uploading(name: str, number: int, total: int) -> str:
    """Say which file is sent."""
    return f"{name} ({number} of {total})"


def taken(number: int) -> str:
    """Say how many files were taken."""
    return f"{count(number, 'file')} uploaded."


def read_by(readers: tuple[str, ...]) -> str:
    """Say who reads a file beside its owner."""
    return f"shared with {', '.join(readers)}" if readers else PRIVATE


def remove_body(name: str) -> str:
    """Say what removing a file does."""
    return f"{name} is deleted here, for you and everybody it is shared with. Your own copy stays where it is."


def removed(name: str) -> str:
    """Say that a file was removed."""
    return f"{name} was removed."


def shared(name: str) -> str:
    """Say that the readers of a file were changed."""
    return f"The readers of {name} were changed."
