"""Makes what signs people in, with passwords and at the company's identity provider."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from assistant.access import SignInDesk
from assistant.access.identities import IdentityDesk
from assistant.catalog import Catalog
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.adapters.oidc import OidcProvider


def make_sign_in(settings: Settings, catalog: Catalog) -> SignInDesk:
    """Return what signs people in, and keeps their sessions."""
    identities = IdentityDesk(
        catalog,
        create=settings.oidc_create,
        admin_groups=settings.oidc_admin_groups,
        auditor_groups=settings.oidc_auditor_groups,
        link_provisioned=bool(settings.oidc_id_claim),
    )
    return SignInDesk(
        catalog,
        identities,
        hours=settings.session_hours,
        idle_minutes=settings.session_idle_minutes,
        by_password=settings.sign_in_passwords,
    )


def make_provider(settings: Settings, closing: ExitStack) -> OidcProvider | None:
    """Return the identity provider that the settings name, None where they name none; `closing` closes it.

    It is asked when it is first used.
    """
    if not settings.oidc_issuer:
        return None
    from assistant.adapters.oidc import OidcClient, OidcProvider

    secret = settings.oidc_client_secret.get_secret_value()
    provider = OidcProvider(OidcClient(settings.oidc_issuer, settings.oidc_client_id, secret, settings.oidc_scopes))
    closing.callback(provider.close)
    return provider
