"""The operations of an API that an OpenAPI description describes, as tools."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.http_api.config import HttpApiConfig
from plugins.http_api.tool import HttpApiTool, make_tools

__all__ = ["HttpApiConfig", "HttpApiTool", "MANIFEST", "make_tools", "register"]

MANIFEST = Manifest(
    "http_api",
    "1.0",
    description="Operations of any API with an OpenAPI 3 description, as tools.",
    permissions=Permissions(hosts=("*",), paths=("*",), secrets=("token", "password", "headers"), writes=True),
)


def register(registry: Registry) -> None:
    """Offer the kind of tool `http_api`."""
    registry.add_tool_kind("http_api", HttpApiConfig, make_tools)
