"""Reads an OpenAPI description and finds the operations that may be called."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from assistant.errors import ConfigurationError, DocumentTooLargeError
from plugins.http_api.config import HttpApiConfig
from plugins.http_api.sign_in import SignIn, origin
from plugins.net import PoliteClient

_METHODS = ("get", "head", "post", "put", "patch", "delete", "options", "trace")
_MOST_BYTES = 10_000_000
_NAMED = 30  # operations that an error names


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as the description has it.

    Attributes:
        method: in capitals.
        path: with its parameters in braces.
        spec: its own object.
        shared: the parameters of its path.
    """

    method: str
    path: str
    spec: Mapping[str, Any]
    shared: tuple[Any, ...]

    @property
    def id(self) -> str:
        """Its operationId, empty where it has none."""
        return str(self.spec.get("operationId") or "")

    @property
    def place(self) -> str:
        """METHOD /path."""
        return f"{self.method} {self.path}"


class ApiDescription:
    """An OpenAPI 3 description.

    Args:
        document: its JSON.
        origin: the address or file that it is from.

    Raises:
        ConfigurationError: it is none.
    """

    def __init__(self, document: Any, origin: str) -> None:
        from referencing import Registry, Resource

        self.origin = origin
        version = str(document.get("openapi", "")) if isinstance(document, Mapping) else ""
        if not version.startswith("3."):
            old = isinstance(document, Mapping) and "swagger" in document
            raise ConfigurationError(
                f"{origin} is no OpenAPI 3 description{': it is of Swagger 2' if old else ''}",
                "convert it" if old else "give the address or file of the API's openapi.json or openapi.yaml",
            )
        self.document: Mapping[str, Any] = document
        self.is_old_schema = version.startswith("3.0")
        self._resolver = Registry().with_resource("", Resource.opaque(document)).resolver()

    @property
    def title(self) -> str:
        """What the API is called."""
        return str(_object(self.document.get("info")).get("title") or self.origin)

    def found(self, reference: str) -> Any:
        """Return what a `$ref` points to.

        Raises:
            ConfigurationError: nothing is there, or it is in another file, which is never loaded.
        """
        from referencing.exceptions import Unresolvable

        try:
            if reference.startswith("#"):
                return self._resolver.lookup(reference).contents
        except (Unresolvable, ValueError, TypeError) as error:
            raise ConfigurationError(f"{self.origin}: {reference} points to nothing", "correct it there") from error
        raise ConfigurationError(
            f"{self.origin}: {reference} is in another file, and only one file is read", "bundle it into one file"
        )

    def whole(self, value: Any) -> Mapping[str, Any]:
        """Return an object that may be a `$ref` to one. Raises as `found`."""
        for _ in range(20):
            if not isinstance(value, Mapping) or not isinstance(value.get("$ref"), str):
                return _object(value)
            value = self.found(value["$ref"])
        raise ConfigurationError(f"{self.origin}: {value['$ref']} points to itself", "correct it there")

    def operation(self, name: str) -> Operation:
        """Return the operation of that operationId, or METHOD /path. Raises ConfigurationError."""
        every = list(self.operations())
        named = [one for one in every if name in {one.id, one.place} or _place(name) == one.place]
        if len(named) == 1:
            return named[0]
        some = ", ".join(one.id or one.place for one in every[:_NAMED]) or "none"
        more = f" and {len(every) - _NAMED} more" if len(every) > _NAMED else ""
        count = "no" if not named else f"{len(named)}"
        raise ConfigurationError(f"{self.origin} has {count} operation {name!r}", f"it has: {some}{more}")

    def operations(self) -> Iterator[Operation]:
        """Yield every operation."""
        for path, item in _object(self.document.get("paths")).items():
            methods = self.whole(item)
            shared = methods.get("parameters")
            for method in _METHODS:
                spec = methods.get(method)
                if isinstance(spec, Mapping):
                    yield Operation(method.upper(), str(path), spec, tuple(shared) if isinstance(shared, list) else ())

    def check_place(self, operation: Operation) -> None:
        """Raise ConfigurationError for an operation that the description puts at a server of its own."""
        item = self.whole(_object(self.document.get("paths")).get(operation.path))
        if "servers" in operation.spec or "servers" in item:
            raise ConfigurationError(
                f"{operation.place} is at a server of its own, and calls go to one server only", "configure `server`"
            )

    def server(self) -> str:
        """Return the address of the description's first server. Raises ConfigurationError where it says none."""
        servers = self.document.get("servers")
        first = _object(servers[0]) if isinstance(servers, list) and servers else {}
        url = str(first.get("url") or "/")
        for name, variable in _object(first.get("variables")).items():
            url = url.replace(f"{{{name}}}", str(_object(variable).get("default", "")))
        base = self.origin if self.origin.startswith(("http://", "https://")) else ""
        address = urljoin(base, url)
        if not address.startswith(("http://", "https://")) or {"{", "?", "@"} & set(address):
            raise ConfigurationError(f"{self.origin} does not say where the API is", "give its address as `server`")
        return address


def read_description(config: HttpApiConfig, client: PoliteClient, sign_in: SignIn) -> ApiDescription:
    """Load the configured description.

    Args:
        config: names it.
        client: asks for it where it is at an address; redirects are not followed.
        sign_in: sent along where the description is at the configured server.

    Raises:
        ConfigurationError: it cannot be read, or is no OpenAPI 3 description. No message quotes it.
        SourceError: its host is in a private network, or does not answer.
    """
    place = config.description
    if place.startswith(("http://", "https://")):
        same = bool(config.server) and origin(config.server) == origin(place)
        data = _fetched(place, client, sign_in.headers if same else {})
    else:
        try:
            file = Path(place)
            if file.stat().st_size > _MOST_BYTES:
                raise ConfigurationError(f"{place} has over {_MOST_BYTES:,} bytes", "give a description of fewer paths")
            data = file.read_bytes()
        except OSError as error:
            raise ConfigurationError(f"{place} cannot be read: {error.strerror}", "check the path") from error
    return ApiDescription(_parsed(data, place), place)


def _fetched(place: str, client: PoliteClient, headers: Mapping[str, str]) -> bytes:
    try:
        reply = client.get(place, _MOST_BYTES, headers)
    except DocumentTooLargeError as error:
        raise ConfigurationError(
            f"{place} has over {_MOST_BYTES:,} bytes", "give a description of fewer paths"
        ) from error
    if reply.status != 200:
        where = f", to {reply.headers['location']}" if "location" in reply.headers else ""
        raise ConfigurationError(f"{place} answers with HTTP status {reply.status}{where}", "correct the address")
    return reply.body


def _parsed(data: bytes, place: str) -> Any:
    import yaml

    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        pass  # YAML, then
    try:
        return yaml.load(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are safe ones)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if line is None else f", see line {line + 1}"
        # the file may be any, so that the message says nothing of what stands in it
        raise ConfigurationError(f"{place} is neither JSON nor YAML{where}", "give an OpenAPI description") from None


def _place(name: str) -> str:
    method, _, path = name.partition(" ")
    return f"{method.upper()} {path.strip()}"


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
