"""Who may read what: the rules that give documents their readers, and the library that applies them."""

from assistant.access.attachments import AttachmentTaker
from assistant.access.attempts import Attempts
from assistant.access.gallery import Gallery
from assistant.access.library import Library
from assistant.access.pages import PageImages
from assistant.access.people import Caller, PeopleDesk
from assistant.access.rights import Rights
from assistant.types import ReadersRule, load_readers, parse_readers

__all__ = [
    "AttachmentTaker",
    "Attempts",
    "Caller",
    "Gallery",
    "Library",
    "PageImages",
    "PeopleDesk",
    "ReadersRule",
    "Rights",
    "load_readers",
    "parse_readers",
]
