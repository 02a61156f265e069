"""Issues and pull requests of a repository: which changed, and what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from assistant.errors import NotFoundError
from plugins.github.repositories import Repository
from plugins.vendors import Comment, Item, Page, VendorApi, earlier, thread_markdown

_MOST = 100  # a page
_MARKED = "%Y-%m-%dT%H:%M:%SZ"


def issue_pages(api: VendorApi, repository: Repository, since: str, kinds: Sequence[str]) -> Iterator[Page]:
    """Yield the issues and pull requests, which GitHub lists together, that changed at or after a time.

    Args:
        api: of the server.
        repository: theirs.
        since: in ISO 8601; "" for all.
        kinds: `issues`, `pulls` or both.
    """
    path = f"/repos/{quote(repository.name)}/issues"
    asked: dict[str, str | int] = {"state": "all", "sort": "updated", "direction": "asc", "per_page": _MOST}
    begin = {"since": earlier(since).strftime(_MARKED)} if since else {}
    until = since
    listed: set[str] = set()
    while True:
        later = until
        for found in api.pages(path, asked | begin):
            until = max([until, *(one["updated_at"] for one in found)])
            items = [
                Item(_key(repository.name, one), f"{one['updated_at']} {one['comments']}", repository.access)
                for one in found
                if ("pulls" if "pull_request" in one else "issues") in kinds
            ]
            listed |= {item.key for item in items}
            yield Page(tuple(items), until)
            if (
                until > later and len(found) == _MOST
            ):  # pages shift when something changes meanwhile: begin anew from here
                break
        else:
            break
        begin = {"since": until}
    if since:
        yield from _commented(api, repository, earlier(since).strftime(_MARKED), kinds, listed)


def pull_pages(api: VendorApi, repository: Repository, since: str) -> Iterator[Page]:
    """Yield the pull requests of a repository without issues that changed at or after a time, newest first."""
    path = f"/repos/{quote(repository.name)}/pulls"
    begin = earlier(since).strftime(_MARKED) if since else ""
    asked: dict[str, str | int] = {"state": "all", "sort": "updated", "direction": "desc", "per_page": _MOST}
    until = since
    for found in api.pages(path, asked):
        until = max([until, *(one["updated_at"] for one in found)])
        fresh = [one for one in found if one["updated_at"] >= begin]
        key = f"{repository.name}/pulls"
        yield Page(tuple(Item(f"{key}/{one['number']}", one["updated_at"], repository.access) for one in fresh))
        if len(fresh) < len(found):
            break
    yield Page((), until)


def issue(api: VendorApi, name: str, kind: str, number: int) -> tuple[str, str, bytes]:
    """Return title, address and text of an issue or pull request.

    Args:
        api: of the server.
        name: the repository's.
        kind: `issues` or `pulls`.
        number: of the thread.

    Raises:
        NotFoundError: there is none, or it is of the other kind.
    """
    path = f"/repos/{quote(name)}"
    found = api.json(f"{path}/issues/{number}")
    if ("pull_request" in found) != (kind == "pulls"):
        raise NotFoundError(f"number {number} of {name} is not among its {kind}")
    comments = [_comment(one) for one in _all(api, f"{path}/issues/{number}/comments")]
    if kind == "pulls":
        reviews = _all(api, f"{path}/pulls/{number}/reviews")
        comments += [_comment(one, "review", "submitted_at") for one in reviews if one.get("body")]
        comments += [_comment(one, one["path"]) for one in _all(api, f"{path}/pulls/{number}/comments")]
        comments.sort(key=lambda comment: comment.date)
    title = found["title"] or f"{kind} {number}"
    facts = {
        "Repository": f"{name} #{number}",
        "State": found["state"],
        "Author": _login(found),
        "Created": found["created_at"],
        "Labels": ", ".join(label["name"] for label in found["labels"]),
        "Assigned to": ", ".join(one["login"] for one in found.get("assignees") or ()),
    }
    return title, found["html_url"], thread_markdown(title, facts, found["body"] or "", comments)


def _commented(
    api: VendorApi, repository: Repository, since: str, kinds: Sequence[str], listed: set[str]
) -> Iterator[Page]:
    """Yield threads with an edited comment, which does not move the thread's own time in every case."""
    asked: dict[str, str | int] = {"since": since, "sort": "updated", "direction": "asc", "per_page": _MOST}
    of_kind = {"issues": "issues/comments", "pulls": "pulls/comments"}
    lists = ["issues/comments", *([of_kind["pulls"]] if "pulls" in kinds else [])]
    for path in lists:
        for found in api.pages(f"/repos/{quote(repository.name)}/{path}", asked):
            keys: dict[str, None] = {}
            for one in found:
                kind = "pulls" if "/pull/" in one["html_url"] else "issues"
                number = (one.get("issue_url") or one["pull_request_url"]).rpartition("/")[2]
                key = f"{repository.name}/{kind}/{number}"
                if kind in kinds and key not in listed:
                    keys[key] = None
            listed |= keys.keys()
            yield Page(tuple(Item(key, None, repository.access) for key in keys))


def _key(name: str, thread: Any) -> str:
    return f"{name}/{'pulls' if 'pull_request' in thread else 'issues'}/{thread['number']}"


def _all(api: VendorApi, path: str) -> Iterator[Any]:
    for page in api.pages(path, {"per_page": _MOST}):
        yield from page


def _comment(found: Any, about: str = "", when: str = "created_at") -> Comment:
    return Comment(_login(found), found.get(when) or "", found["body"] or "", about)


def _login(found: Any) -> str:
    return str((found.get("user") or {}).get("login", ""))  # accounts that were deleted have none
