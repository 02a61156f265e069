"""Who may read what: the rules that give documents their readers, and the library that applies them."""

from assistant.access.accounts import AccountDesk, Changes
from assistant.access.attachments import AttachmentTaker
from assistant.access.attempts import Attempts
from assistant.access.gallery import Gallery
from assistant.access.library import Library
from assistant.access.pages import PageImages
from assistant.access.passwords import Passwords
from assistant.access.people import Caller, PeopleDesk
from assistant.access.rights import Rights
from assistant.access.sign_in import NewSession, SignInDesk, Where
from assistant.types import ReadersRule, load_readers, parse_readers

__all__ = [
    "AccountDesk",
    "AttachmentTaker",
    "Attempts",
    "Caller",
    "Changes",
    "Gallery",
    "Library",
    "NewSession",
    "PageImages",
    "Passwords",
    "PeopleDesk",
    "ReadersRule",
    "Rights",
    "SignInDesk",
    "Where",
    "load_readers",
    "parse_readers",
]
