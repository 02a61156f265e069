"""SCIM 2.0 (RFC 7643, RFC 7644): an identity provider makes, changes and disables people and groups here."""

from assistant.api.scim.answers import PREFIX, scim_error
from assistant.api.scim.routes import router

__all__ = ["PREFIX", "router", "scim_error"]
