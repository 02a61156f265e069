"""The English texts of the list of chats, of feedback and of sharing."""

from __future__ import annotations

# the list of chats
FIND = "Find in chats"
NOT_FOUND = "No chat has these words."
NO_CHATS = "What you ask is kept here, for you alone."
GROUPS = {
    "pinned": "Pinned",
    "today": "Today",
    "yesterday": "Yesterday",
    "week": "The last 7 days",
    "month": "The last 30 days",
    "older": "Older",
}
RENAME, PIN, UNPIN, SHARE, EXPORT, DELETE = "Rename", "Pin", "Unpin", "Share", "Export", "Delete"
NAME, SAVE = "Name", "Save"
EXPORT_BODY = (
    "The versions that are shown, with their citations and what was verified of them, as you may read them now."
)
MARKDOWN, PDF, JSON = "Markdown", "PDF", "JSON, with all versions"
EARLIER = "Show earlier questions"

# an answer
COPY, COPIED = "Copy with citations", "Copied"
COPY_FAILED = "The browser does not let this page copy. Mark the text and copy it by hand."
UP, DOWN = "Good answer", "Bad answer"
THANKS = "Thank you. It helps to make answers better."
TAKEN_BACK = "Taken back."
WHY = "What is wrong with the answer?"
CAUSES = {
    "wrong": "It is wrong",
    "incomplete": "Something is missing",
    "sources": "The sources do not fit",
    "outdated": "It is out of date",
    "unclear": "It is hard to understand",
    "other": "Something else",
}
REASON, REASON_PLACEHOLDER = "In your words", "What should it have said?"
SEND, TAKE_BACK = "Send", "Take back"
WHO_SEES = (
    "The admins see your question and what you say here; the answer only those who may read what it was made from."
)
LOST = "The connection to the assistant is lost. Trying again; the answer goes on meanwhile."

# sharing
SHARE_BODY = (
    "Who opens the link sees the chat as far as it goes now. Each reader sees of an answer only what they may read"
    " themselves; pictures that you attached stay with you."
)
WITH, WITH_EVERYONE, WITH_SOME = "Who may open it", "Everyone who signs in", "Groups and people"
READER_GROUPS, READER_PEOPLE = "Your groups", "People"
PEOPLE_PLACEHOLDER = "ann@example.org, bob@example.org"
PEOPLE_HELP = "The names that they sign in with, separated by commas."
FOR_HOW_LONG = "For how long"
DAYS = {7: "A week", 30: "30 days", 90: "90 days", 365: "A year"}
MAKE_LINK = "Make a link"
NOBODY = "Name a group or a person."
COPY_LINK = "Copy the link"
SHARED_NOW, NOT_SHARED = "Shared now", "It is not shared."
END_SHARE = "Take back"
EVERYONE = "everyone"

# what others share
SHARED = "Shared with me"
SHARED_BODY = "Chats that others share with you. Of each answer you see what you may read yourself."
NOTHING_SHARED = "Nothing is shared with you"
NOTHING_SHARED_HINT = "Chats that somebody shares with you, or with a group of yours, stand here."
BACK = "All shared chats"
ASKED = "Asked:"
WITHHELD = "Withheld"
WITHHELD_HELP = (
    "It rests on what is not shown to you here: documents that are not open to you, attached pictures, results of"
    " tools, or answers before it. Ask the question yourself."
)
NO_ANSWER, NO_ANSWER_HELP = "There is no answer", "Answering failed."
UNFINISHED, UNFINISHED_HELP = "This answer was not finished", "Of a shared chat, only finished answers are shown."
ASK_YOURSELF = "Ask this yourself"


def earlier(number: int) -> str:
    """Offer the questions that are not drawn yet."""
    return f"{EARLIER} ({number:,})"


def menu_of(title: str) -> str:
    """Name the menu of a chat."""
    return f"More on \u201c{title}\u201d"


def share_title(title: str) -> str:
    """Name the dialog that shares a chat."""
    return f"Share \u201c{title}\u201d"


def shared_by(owner: str, day: str) -> str:
    """Say who shares a chat and until when."""
    return f"{owner} shares it until {day}"


def shared_with(readers: str, day: str) -> str:
    """Say whom a chat is shared with and until when."""
    return f"With {readers}, until {day}"


def withheld(number: int, total: int) -> str:
    """Say how many answers are withheld."""
    return f"{number:,} of {total:,} answers are withheld: they rest on what is not shown to you here."


def find_others(shown: int, total: int) -> str:
    """Say that not all chats are listed."""
    return f"The newest {shown:,} of {total:,} are listed. Find others by words in them."
