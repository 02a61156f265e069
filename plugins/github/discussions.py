"""Discussions of a repository, which only GitHub's GraphQL API has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from assistant.errors import NotFoundError, SourceError, SourceUnreachableError
from plugins.github.repositories import Repository
from plugins.vendors import Comment, Item, Page, Refused, VendorApi, earlier, thread_markdown

_LIST = """
query($owner: String!, $name: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    discussions(first: 100, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}) {
      pageInfo { hasNextPage endCursor }
      nodes { number updatedAt }
    }
  }
}"""
_READ = """
query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    discussion(number: $number) {
      title body url createdAt closed author { login } category { name } answer { id }
      comments(first: 50, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id body createdAt author { login }
          replies(first: 100) { totalCount nodes { body createdAt author { login } } }
        }
      }
    }
  }
}"""
_ERRORS: dict[str, type[NotFoundError | Refused | SourceUnreachableError]] = {
    "NOT_FOUND": NotFoundError,
    "FORBIDDEN": Refused,
    "INSUFFICIENT_SCOPES": Refused,
    "RATE_LIMITED": SourceUnreachableError,
}


def discussion_pages(api: VendorApi, repository: Repository, since: str) -> Iterator[Page]:
    """Yield the discussions that changed at or after a time (ISO 8601, "" for all), newest first."""
    begin = earlier(since) if since else None
    until, after = since, None
    while True:
        found = _repository(api, repository.name, _LIST, after=after)["discussions"]
        nodes = found["nodes"]
        until = max([until, *(node["updatedAt"] for node in nodes)])
        fresh = [node for node in nodes if begin is None or earlier(node["updatedAt"], 0) >= begin]
        key = f"{repository.name}/discussions"
        items = (Item(f"{key}/{node['number']}", node["updatedAt"], repository.access) for node in fresh)
        yield Page(tuple(items))
        if len(fresh) < len(nodes) or not found["pageInfo"]["hasNextPage"]:
            break
        after = found["pageInfo"]["endCursor"]
    yield Page((), until)


def discussion(api: VendorApi, name: str, kind: str, number: int) -> tuple[str, str, bytes]:
    """Return title, address and text of a discussion; raises NotFoundError where there is none."""
    comments: list[Comment] = []
    after = None
    while True:
        found = _repository(api, name, _READ, number=number, after=after)["discussion"]
        if found is None:
            raise NotFoundError(f"number {number} of {name} is not among its {kind}")
        answer = (found["answer"] or {}).get("id")
        for one in found["comments"]["nodes"]:
            comments.append(_comment(one, "the answer" if one["id"] == answer else ""))
            replies = one["replies"]
            comments += [_comment(reply, "reply") for reply in replies["nodes"]]
            more = replies["totalCount"] - len(replies["nodes"])
            if more > 0:
                comments.append(Comment("GitHub", "", f"{more} more replies are shown at {found['url']}.", "left out"))
        if not found["comments"]["pageInfo"]["hasNextPage"]:
            break
        after = found["comments"]["pageInfo"]["endCursor"]
    facts = {
        "Repository": f"{name} #{number}",
        "Category": (found["category"] or {}).get("name", ""),
        "Author": (found["author"] or {}).get("login", ""),
        "Created": found["createdAt"],
        "State": "closed" if found.get("closed") else "open",
    }
    return found["title"], found["url"], thread_markdown(found["title"], facts, found["body"] or "", comments)


def _comment(found: Any, about: str) -> Comment:
    return Comment((found["author"] or {}).get("login", ""), found["createdAt"], found["body"] or "", about)


def _repository(api: VendorApi, name: str, query: str, **variables: Any) -> Any:
    """Ask GraphQL for a repository.

    Raises:
        NotFoundError, Refused, SourceError, SourceUnreachableError: as their names say.
    """
    owner, _, repository = name.partition("/")
    body = {"query": query, "variables": {"owner": owner, "name": repository, **variables}}
    answer = api.post(_endpoint(api.base), body)
    errors = answer.get("errors") or ()
    missing = any(error.get("path", [])[-1:] == ["discussion"] for error in errors)
    if errors and not missing:
        kind = _ERRORS.get(errors[0].get("type", ""), SourceError)
        raise kind(f"GitHub does not hand out discussions of {name}: {errors[0].get('message', '')}", "check the token")
    found = (answer.get("data") or {}).get("repository")
    if found is None:
        raise NotFoundError(f"GitHub has no repository {name} that the token may see")
    return found


def _endpoint(base: str) -> str:
    """Return where GraphQL is asked: beside the REST API, or instead of its version on a company's own server."""
    path = urlsplit(base).path
    return base.removesuffix("/v3") + "/graphql" if path.endswith("/api/v3") else f"{base}/graphql"
