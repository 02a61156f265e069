"""Writes what was asked or reported, and what was said to it, as one document."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Comment:
    """Something that somebody said, at a time as the vendor writes it; `about` is what of, a file or "review"."""

    author: str
    date: str
    text: str
    about: str = ""

    @property
    def heading(self) -> str:
        """Who said it, when and of what."""
        return ", ".join(
            part for part in (self.author or "somebody", self.date[:16].replace("T", " "), self.about) if part
        )


def thread_markdown(title: str, facts: Mapping[str, str], body: str, comments: Iterable[Comment]) -> bytes:
    """Return a thread as Markdown, in UTF-8.

    Args:
        title: of the thread.
        facts: what is known of it, by name; empty ones are left out.
        body: what it begins with, Markdown.
        comments: in their order, Markdown.
    """
    parts = [f"# {_line(title)}", "  \n".join(f"**{name}:** {_line(fact)}" for name, fact in facts.items() if fact)]
    parts.append(body.strip())
    parts += [f"## {_line(comment.heading)}\n\n{comment.text.strip()}" for comment in comments if comment.text.strip()]
    return ("\n\n".join(part for part in parts if part) + "\n").encode("utf-8", "replace")


def thread_html(title: str, facts: Mapping[str, str], body: str, comments: Iterable[Comment]) -> bytes:
    """Return a thread as a page of HTML, in UTF-8; as `thread_markdown`, but body and comments are HTML."""
    heading = html.escape(_line(title))
    told = "".join(f"<p><b>{name}:</b> {html.escape(_line(fact))}</p>" for name, fact in facts.items() if fact)
    said = "".join(
        f"<h2>{html.escape(_line(comment.heading))}</h2><div>{comment.text}</div>"
        for comment in comments
        if comment.text.strip()
    )
    page = (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{heading}</title></head>"
        f"<body><h1>{heading}</h1>{told}<div>{body}</div>{said}</body></html>"
    )
    return page.encode("utf-8", "replace")


def _line(text: str) -> str:
    return " ".join(text.split())
