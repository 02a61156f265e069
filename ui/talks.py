"""What a session knows of its chats beside their turns: what was said of answers, and answers as they are copied."""

from __future__ import annotations

import datetime
import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from ui import formats, render, session, talk_texts, texts
from ui.answering import Turn
from ui.client import ApiError
from ui.models import Citation
from ui.talk_models import Said

GROUP_DAYS = (("today", 0), ("yesterday", 1), ("week", 7), ("month", 30))
_MARKUP = re.compile(r"([\\`*_\[\]<>#]|&(?=#?\w+;))")
_ADDRESS = re.compile(r"(?<=\w):(?=//)|(?<=\bmailto):|(?<=\bwww)\.", re.IGNORECASE)


def said_of(turn: Turn) -> Said | None:
    """Return what the person said of an answer of the chat that is shown; None where that is nothing."""
    chat = session.current_chat()
    if chat.said is None:
        found = session.attempt(lambda: session.client().said(chat.id))
        if isinstance(found, ApiError):
            return None  # it is asked for again
        chat.said = found
    return chat.said.get(turn.id)


def said_by_now(turn: Turn) -> Said | None:
    """Return what the person said of an answer, elsewhere too, as the API has it now."""
    session.current_chat().said = None
    return said_of(turn)


def say(turn: Turn, said: Said) -> bool:
    """Say whether an answer is good; return whether the API took it."""
    chat = session.current_chat()
    result = session.attempt(lambda: session.client().say(chat.id, turn.id, said))
    if isinstance(result, ApiError):
        session.complain(result)
        return False
    chat.said = {**(chat.said or {}), turn.id: said}
    return True


def take_back(turn: Turn) -> bool:
    """Take back what was said of an answer; return whether that was done."""
    chat = session.current_chat()
    result = session.attempt(lambda: session.client().take_back(chat.id, turn.id))
    if isinstance(result, ApiError):
        session.complain(result)
        return False
    chat.said = {one: said for one, said in (chat.said or {}).items() if one != turn.id}
    return True


def copied(turn: Turn) -> str:
    """Return an answer as Markdown with the places that it cites."""
    places = "\n".join(_place(one) for one in turn.citations)
    return f"{turn.text.strip()}\n\n{texts.CITED}:\n{places}\n" if places else f"{turn.text.strip()}\n"


def _place(citation: Citation) -> str:
    about = [f"[{citation.number}] {_unmarked(citation.document.title)}"]
    if place := render.place_line(citation):
        about.append(_unmarked(place))
    if citation.kind != "attachment":
        about.append(_unmarked(f"{citation.document.source}: {citation.document.key}"))
    line = ", ".join(about)
    if citation.is_seen:
        return f"- {line} ({texts.SEEN.get(citation.kind, texts.SEEN['picture'])})"
    checks = [texts.VERIFIED] if citation.verified else []
    checks += [word for word, _ in render.doubts(citation)]
    return f"- {line}: \u201c{_unmarked(citation.quote)}\u201d ({', '.join(checks)})"


def _unmarked(text: str) -> str:
    """Return what a document says on one line, as the API exports it: pasted, it makes no picture and no link."""
    return _ADDRESS.sub(lambda found: rf"\[{found[0]}\]", _MARKUP.sub(r"\\\1", " ".join(text.split())))


def zone() -> datetime.tzinfo:
    """Return the time zone of the person's browser, UTC where it says none that is known."""
    name = st.context.timezone
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else datetime.UTC
    except (ZoneInfoNotFoundError, ValueError):
        return datetime.UTC


def day_of(moment: float) -> str:
    """Return the day of a moment, in seconds since the epoch, in the person's calendar and language."""
    return formats.iso_day(datetime.datetime.fromtimestamp(moment, zone()).isoformat())


def group_of(used_at: float, now: float, where: datetime.tzinfo) -> str:
    """Return the name of the group of chats that one belongs to which was used at that moment."""
    today = datetime.datetime.fromtimestamp(now, where).date()
    days = (today - datetime.datetime.fromtimestamp(used_at, where).date()).days
    return next((name for name, most in GROUP_DAYS if days <= most), "older")


def group_title(name: str) -> str:
    """Return what a group of chats is called."""
    found: str = talk_texts.GROUPS[name]
    return found
