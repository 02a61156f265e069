"""Issues, merge requests and wiki pages of a project: which changed, and what they say."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from plugins.gitlab.projects import Project
from plugins.vendors import Comment, Item, Page, VendorApi, earlier, thread_markdown

_MOST = 100  # a page
_MARKED = "%Y-%m-%dT%H:%M:%SZ"


def thread_pages(api: VendorApi, project: Project, kind: str, since: str) -> Iterator[Page]:
    """Yield issues or merge requests that changed at or after a time, the oldest change first.

    Args:
        api: of the server.
        project: theirs.
        kind: `issues` or `merge_requests`.
        since: in ISO 8601; "" for all.
    """
    asked: dict[str, str | int] = {"scope": "all", "state": "all", "order_by": "updated_at", "sort": "asc"}
    asked["per_page"] = _MOST
    begin = {"updated_after": earlier(since).strftime(_MARKED)} if since else {}
    until = since
    while True:
        later = until
        for found in api.pages(f"{project.api}/{kind}", asked | begin):
            until = max([until, *(one["updated_at"] for one in found)])
            yield Page(tuple(_item(project, kind, one) for one in found), until)
            if until > later and len(found) == _MOST:  # pages shift when something changes: begin anew from here
                break
        else:
            return
        begin = {"updated_after": until}


def thread(api: VendorApi, project: Project, kind: str, number: int) -> tuple[Any, bytes]:
    """Return an issue or merge request as the API describes it, and its text.

    Args:
        api: of the server.
        project: its own.
        kind: `issues` or `merge_requests`.
        number: within the project.

    Raises:
        NotFoundError: there is none.
    """
    path = f"{project.api}/{kind}/{number}"
    found = api.json(path)
    asked: dict[str, str | int] = {"sort": "asc", "order_by": "created_at", "per_page": _MOST}
    notes = [note for page in api.pages(f"{path}/notes", asked) for note in page if not note["system"]]
    shown = [note for note in notes if not (note.get("internal") or note.get("confidential"))]
    comments = [
        Comment(
            _name(note["author"]), note["created_at"], note["body"], (note.get("position") or {}).get("new_path", "")
        )
        for note in shown
    ]
    if len(shown) < len(notes):
        told = f"{len(notes) - len(shown)} internal notes are left out."
        comments.append(Comment("GitLab", "", told, "left out"))
    facts = {
        "Project": f"{project.path} {'#' if kind == 'issues' else '!'}{number}",
        "State": found["state"],
        "Author": _name(found["author"]),
        "Created": found["created_at"],
        "Labels": ", ".join(found["labels"]),
        "Assigned to": ", ".join(map(_name, found.get("assignees") or ())),
    }
    return found, thread_markdown(found["title"], facts, found["description"] or "", comments)


def wiki_pages(api: VendorApi, project: Project) -> Iterator[Page]:
    """Yield all pages of a wiki, which have no dates: their marks are of their texts."""
    found = api.json(f"{project.api}/wikis", {"with_content": 1})
    access = project.access("wiki")
    yield Page(tuple(Item(f"{project.path}/wiki/{one['slug']}", _mark(one), access) for one in found))


def wiki_page(api: VendorApi, project: Project, slug: str) -> tuple[str, str, bytes]:
    """Return title, media type and text of a wiki's page; raises NotFoundError where there is none."""
    found = api.json(f"{project.api}/wikis/{quote(slug, safe='')}")
    is_markdown = found["format"] == "markdown"
    text = f"# {found['title']}\n\n{found['content']}\n" if is_markdown else f"{found['title']}\n\n{found['content']}\n"
    return found["title"], "text/markdown" if is_markdown else "text/plain", text.encode("utf-8", "replace")


def _item(project: Project, kind: str, found: Any) -> Item:
    mark = f"{found['updated_at']} {found['user_notes_count']}"
    return Item(f"{project.path}/{kind}/{found['iid']}", mark, project.access(kind, found))


def _mark(page: Any) -> str:
    told = f"{page['title']}\n{page['format']}\n{page['content']}"
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]


def _name(person: Any) -> str:
    return str((person or {}).get("username", ""))
