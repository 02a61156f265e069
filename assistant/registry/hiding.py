"""Keeps secrets out of the texts of errors that a plugin raises, and of what its tools tell."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant.catalog import mask_text
from assistant.errors import PluginError
from assistant.interfaces import CheckedTool, DataSource, Tool
from assistant.registry.tools import reaches_out
from assistant.types import Change, RawDocument, ToolResult, User


class DiscreetSource:
    """A source whose errors hold a mask in place of the `hidden` texts."""

    def __init__(self, source: DataSource, hidden: Sequence[str]) -> None:
        self._source = source
        self._hidden = hidden
        probe: Callable[[], str] | None = getattr(source, "probe", None)
        if probe is not None:
            self.probe = lambda: self._probed(probe)
        unmoved: Callable[[str], str] | None = getattr(source, "unmoved", None)
        if unmoved is not None:
            self.unmoved = unmoved

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`."""
        with hiding(self._hidden):
            yield from self._source.changes(cursor)

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        with hiding(self._hidden):
            return self._source.fetch(key)

    def _probed(self, probe: Callable[[], str]) -> str:
        with hiding(self._hidden):
            return mask_text(str(probe()), self._hidden)


class DiscreetTool:
    """A tool whose errors and results hold a mask in place of the `hidden` texts."""

    def __init__(self, tool: Tool, hidden: Sequence[str]) -> None:
        self._tool = tool
        self._hidden = hidden
        self.name, self.writes, self.reaches_out = tool.name, tool.writes, reaches_out(tool)
        if isinstance(tool, CheckedTool):
            self.check = self._check

    @property
    def description(self) -> str:
        """See `interfaces.Tool`."""
        return mask_text(self._tool.description, self._hidden)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """See `interfaces.Tool`."""
        return self._tool.parameters

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """See `interfaces.Tool`."""
        with hiding(self._hidden):
            result = self._tool.run(arguments, user)
        text, told = (mask_text(part, self._hidden) for part in (result.text, result.told))
        return replace(result, text=text, told=told, data=_masked(result.data, self._hidden))

    def _check(self) -> str:
        assert isinstance(self._tool, CheckedTool)  # noqa: S101 (it is offered only where it is one)
        with hiding(self._hidden):
            return mask_text(self._tool.check(), self._hidden)


def _masked(value: Any, hidden: Sequence[str]) -> Any:
    match value:
        case str():
            return mask_text(value, hidden)
        case Mapping():
            return {_masked(name, hidden): _masked(one, hidden) for name, one in value.items()}
        case list() | tuple():
            return [_masked(one, hidden) for one in value]
    return value


@contextlib.contextmanager
def hiding(hidden: Sequence[str]) -> Iterator[None]:
    """Put masks into the texts of errors and of their causes, for logs show these too."""
    try:
        yield
    except Exception as error:
        causes = _causes(error)
        for one in (error, *causes):
            _mask_error(one, hidden)
        if _tells(error, hidden):
            raise PluginError(
                f"{type(error).__name__}, with a text that holds a secret and is not shown",
                "report it to the plugin's author",
            ) from None
        if any(_tells(cause, hidden) for cause in causes):
            error.__cause__, error.__suppress_context__ = None, True
        raise


def _causes(error: BaseException) -> list[BaseException]:
    chain = [error]
    for one in chain:  # it grows meanwhile
        chain += [e for e in (one.__cause__, one.__context__) if e is not None and not any(e is c for c in chain)]
    return chain[1:]


def _mask_error(error: BaseException, hidden: Sequence[str]) -> None:
    error.args = tuple(mask_text(part, hidden) if isinstance(part, str) else part for part in error.args)
    for name, value in vars(error).items():
        if isinstance(value, str):
            with contextlib.suppress(AttributeError, TypeError):  # read-only: `_tells` finds what is left
                setattr(error, name, mask_text(value, hidden))


def _tells(error: BaseException, hidden: Sequence[str]) -> bool:
    text = str(error)
    return any(secret in text for secret in hidden)
