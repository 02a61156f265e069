"""What acts on answers: tools that a model calls, and post-processors of what it wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from assistant.types import ToolResult, User


@runtime_checkable
class Tool(Protocol):
    """Something that a model may do while it answers. Safe to call from several threads at once."""

    @property
    def name(self) -> str:
        """Lower-case letters, digits and `_`, unique among tools."""
        ...

    @property
    def description(self) -> str:
        """When to use it and what it returns, in words for a model."""
        ...

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The JSON schema of its arguments: of an object."""
        ...

    @property
    def writes(self) -> bool:
        """Whether it changes something outside of the assistant: a person is asked first then."""
        ...

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """Do it.

        Args:
            arguments: JSON values, as `parameters` describes them.
            user: for whom; it does and tells only what this user may do and see.

        Raises:
            ToolError: the arguments are wrong, or it cannot be done; the model is told why.
        """
        ...


@runtime_checkable
class Restricted(Protocol):
    """What a tool has beside `Tool` where it is not for everybody: models are not told of it for others then.

    A tool without it is offered to all; it may still refuse in `run`, and has to where a user's rights say so.
    """

    def allows(self, user: User) -> bool:
        """Whether the user may use it now."""
        ...


@runtime_checkable
class Outward(Protocol):
    """What a tool has beside `Tool` where a call of it may tell somebody outside what the assistant knows.

    A tool without it stays inside, but for a plugin's whose manifest asks for hosts: that one is taken to reach out.
    """

    @property
    def reaches_out(self) -> bool:
        """Whether its arguments leave the machine, for another host than the admin said to be one's own.

        A person is asked first then, although it changes nothing: what a model read could go out with them.
        """
        ...


@runtime_checkable
class CheckedTool(Tool, Protocol):
    """A tool that can try, without doing anything, whether what it needs is there; an admin asks for that."""

    def check(self) -> str:
        """Return a line on what was tried. Raises ToolError: it is not there; the message says why."""
        ...


@runtime_checkable
class PostProcessor(Protocol):
    """Looks at the text of an answer before people see it whole."""

    @property
    def name(self) -> str:
        """A short lower-case name, unique among post-processors."""
        ...

    def process(self, question: str, text: str, user: User) -> str:
        """Return the answer's text, changed or as it is; the marks of its citations (`[1]`) have to stay.

        Args:
            question: what was asked.
            text: the answer.
            user: who asked.
        """
        ...
