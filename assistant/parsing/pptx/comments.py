"""Reads the comments on the slides of a presentation, of the older and the newer kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.parsing.comment_text import comment_line, comment_time
from assistant.parsing.ooxml.drawings import lines
from assistant.parsing.ooxml.package import Package, attribute, find_child, local_name
from assistant.parsing.ooxml.relations import relations

if TYPE_CHECKING:
    from lxml.etree import _Element


class SlideComments:
    """The comments of a presentation; `of` yields those of one slide's part."""

    def __init__(self, package: Package, main: str) -> None:
        self._package = package
        self._authors: dict[str, str] = {}
        for relation in relations(package, main).values():
            if relation.kind in {"commentAuthors", "authors"}:
                root = package.xml(relation.target)
                for element in root if root is not None else ():
                    self._authors[attribute(element, "id") or ""] = _author(element)

    def of(self, part: str) -> Iterator[str]:
        """Yield the comments on the slide that `part` holds, with their authors and times."""
        for relation in relations(self._package, part).values():
            root = self._package.xml(relation.target) if relation.kind == "comments" else None
            for element in root.iter() if root is not None else ():
                if local_name(element) in {"cm", "reply"}:
                    line = self._line(element)
                    if line:
                        yield line

    def _line(self, element: _Element) -> str:
        older = find_child(element, "text")
        newer = find_child(element, "txBody")
        text = (older.text or "") if older is not None else lines(newer) if newer is not None else ""
        author = self._authors.get(attribute(element, "authorId") or "", "")
        return comment_line(text, author, comment_time(attribute(element, "dt") or attribute(element, "created")))


def _author(element: _Element) -> str:
    name, initials = attribute(element, "name") or "", attribute(element, "initials") or ""
    return f"{name} ({initials})" if name and initials and initials != name else name or initials
