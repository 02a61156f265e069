"""What Django asks for by name: the provider's addresses, and the claims with a person's groups."""

from __future__ import annotations

from typing import Any

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from django.urls import include, path

urlpatterns = [path("accounts/", include("allauth.account.urls")), path("", include("allauth.idp.urls"))]


class Adapter(DefaultOIDCAdapter):  # type: ignore[misc]  # it has no types
    """Says a person's groups."""

    def get_claims(self, purpose: str, user: Any, client: Any, scopes: Any, **more: Any) -> dict[str, Any]:
        claims: dict[str, Any] = super().get_claims(purpose, user, client, scopes, **more)
        claims["groups"] = sorted(user.groups.values_list("name", flat=True))
        return claims
