"""Each allowed operation of an API as a tool."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import httpx

from assistant.errors import AssistantError, ConfigurationError, DocumentTooLargeError, ToolError
from assistant.types import ToolResult, User
from plugins.http_api.config import HttpApiConfig
from plugins.http_api.description import ApiDescription, Operation, read_description
from plugins.http_api.reply import failure, told
from plugins.http_api.request import Request, written
from plugins.http_api.schema import arguments_of
from plugins.http_api.sign_in import SignIn, origin
from plugins.net import PoliteClient, Reply

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

_READING = frozenset({"GET", "HEAD"})
_MOST_REDIRECTS = 3
_LONGEST_DESCRIPTION = 1_200  # characters


class HttpApi:
    """The one server that calls go to, and how they sign in there.

    Args:
        config: what an admin configured.

    Raises:
        ConfigurationError: the description cannot be read, or does not say where the API is.
        SourceError: it is at a host that may not be asked, or does not answer.
    """

    def __init__(self, config: HttpApiConfig) -> None:
        self.sign_in = SignIn(config)
        self.stays_inside = config.stays_inside
        self._client = PoliteClient(config.private_hosts, timeout_seconds=config.seconds, tries=1)
        self._most_bytes = config.most_bytes
        self.description = read_description(config, self._client, self.sign_in)
        self.server = config.server or self.description.server()
        if not config.server and self.sign_in.headers and origin(self.server) != origin(config.description):
            # whoever can change the description could have the secrets sent to themselves
            raise ConfigurationError(
                f"the description says that the API is at {self.server}, and it would get the sign-in",
                "if that is right, give this address as `server`",
            )

    def check(self) -> str:
        """Ask the server for its address, without signing in; any answer will do. Raises ToolError."""
        try:
            reply = self._client.get(self.server, self._most_bytes)
        except DocumentTooLargeError:
            return f"{self.server} answers"
        except (AssistantError, httpx.HTTPError) as error:
            raise ToolError(f"{self.server} cannot be asked: {_cause(error)}", "check the address") from error
        return f"{self.server} answers (status {reply.status})"

    def call(self, request: Request, place: str) -> Reply:
        """Send a request and return the answer; what only reads follows redirects within the server.

        Raises:
            ToolError: there is no answer, it is too large, or it leads to another server.
        """
        reads = request.method in _READING
        url = request.url
        for _ in range(_MOST_REDIRECTS + 1):
            if origin(url) != origin(self.server):
                raise ToolError(
                    f"{place}: the server sends the call to another one ({_host(url)}), which is refused",
                    "tell the user to ask an admin",
                )
            reply = self._sent(request, url, place, reads=reads)
            if not (reads and 300 <= reply.status < 400 and reply.headers.get("location")):
                return reply
            url = urljoin(url, reply.headers["location"])
        raise ToolError(f"{place}: the server sends the call from one address to the next", "tell the user")

    def _sent(self, request: Request, url: str, place: str, *, reads: bool) -> Reply:
        headers = {**request.headers, **self.sign_in.headers}
        unknown = "" if reads else "; it may have been done: look before you try again"
        try:
            return self._client.request(request.method, url, self._most_bytes, headers, request.body)
        except DocumentTooLargeError as error:
            raise ToolError(
                f"{place}: the answer has over {self._most_bytes:,} bytes{unknown}", "ask for less, e.g. fewer per page"
            ) from error
        except (AssistantError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise ToolError(f"{place}: {self.sign_in.masked(_cause(error))}{unknown}", "try again later") from error


class HttpApiTool:
    """Calls one operation, with the same sign-in for every user. See `interfaces.Tool`.

    Args:
        name: the tool's.
        api: where it is.
        operation: which.

    Raises:
        ConfigurationError: the operation's arguments cannot be described or sent.
    """

    def __init__(self, name: str, api: HttpApi, operation: Operation) -> None:
        self.name = name
        self._api = api
        self._operation = operation
        self.writes = operation.method not in _READING
        self.reaches_out = not api.stays_inside
        self.description = _described(api.description, operation)
        self.parameters, self._places = arguments_of(api.description, operation, api.sign_in)

    def check(self) -> str:
        """See `interfaces.CheckedTool`."""
        return self._api.check()

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """See `interfaces.Tool`; the server is not told who the user is."""
        del user
        self._refuse_wrong(arguments)
        place = self._operation.place
        reply = self._api.call(written(self._api.server, self._operation, arguments, self._places), place)
        text = self._api.sign_in.masked(reply.body.decode("utf-8", "replace"))
        if not 200 <= reply.status < 300:
            raise failure(place, reply, text, writes=self.writes)
        return told(place, reply, text)

    def _refuse_wrong(self, arguments: Mapping[str, Any]) -> None:
        from jsonschema.exceptions import best_match

        error = best_match(self._validator().iter_errors(dict(arguments)))
        if error is not None:
            where = ".".join(str(part) for part in error.absolute_path)
            raise ToolError(f"{f'{where}: ' if where else ''}{error.message[:500]}", "correct the arguments")

    def _validator(self) -> Draft202012Validator:
        from jsonschema import Draft202012Validator

        return Draft202012Validator(self.parameters)


def make_tools(name: str, config: HttpApiConfig) -> Sequence[HttpApiTool]:
    """Return a tool for each allowed operation, called `NAME_OPERATION`.

    Raises:
        ConfigurationError: the description cannot be read or lacks an operation, or one of them cannot be offered.
        SourceError: the description's host may not be asked, or does not answer.
    """
    api = HttpApi(config)
    made: dict[str, HttpApiTool] = {}
    for wanted in config.operations:
        operation = api.description.operation(wanted)
        if not config.server:
            api.description.check_place(operation)
        plain = re.sub("[^a-z0-9]+", "_", (operation.id or operation.place).lower()).strip("_")
        tool = HttpApiTool(f"{name}_{plain}"[:64].rstrip("_"), api, operation)
        if tool.name in made:
            raise ConfigurationError(f"two operations would be the tool {tool.name!r}", "leave one of them out")
        made[tool.name] = tool
    return tuple(made.values())


def _described(description: ApiDescription, operation: Operation) -> str:
    said = (str(operation.spec.get(word) or "").strip() for word in ("summary", "description"))
    text = ". ".join(part.rstrip(".") for part in dict.fromkeys(said) if part)
    if len(text) > _LONGEST_DESCRIPTION:
        text = f"{text[:_LONGEST_DESCRIPTION]}…"
    return (
        f"{text}. ({operation.place} of {description.title})" if text else f"{operation.place} of {description.title}."
    )


def _cause(error: Exception) -> str:
    return error.message if isinstance(error, AssistantError) else str(error) or type(error).__name__


def _host(url: str) -> str:
    return origin(url)[1] or url[:100]
