"""An OpenID Connect provider: leads people there, and says whom it has recognised (code flow with PKCE)."""

from __future__ import annotations

import hashlib
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from assistant.errors import ConfigurationError, IdentityProviderError, NotSignedInError

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
_SKEW = 60  # seconds that the clocks of the provider and of this machine may differ
_KEPT = 3600.0  # seconds that what the provider says of itself and its keys are kept
_PAUSE = 10.0  # seconds at least between two looks for keys that are not known
_TIMEOUT = 15.0
_LARGEST = 1_000_000  # bytes of an answer


@dataclass(frozen=True, slots=True)
class OidcClient:
    """As what the assistant is known to the provider.

    Attributes:
        issuer: the provider's address, as its tokens name it.
        client_id, client_secret: as it was registered; without a secret it is a public client.
        scopes: what is asked for; `openid` is always one of them.
    """

    issuer: str
    client_id: str
    client_secret: str = ""
    scopes: tuple[str, ...] = ("openid", "profile", "email")


@dataclass(frozen=True, slots=True)
class Journey:
    """A way to the provider and back. Whoever comes back has to know `secret`; all else is made from it."""

    secret: str

    @property
    def state(self) -> str:
        """What comes back with the answer, so that it is an answer to this question."""
        return self._made("state")

    @property
    def nonce(self) -> str:
        """What has to stand in the ID token, so that it was made for this sign-in."""
        return self._made("nonce")

    @property
    def verifier(self) -> str:
        """What only the one who asked for the code can say (PKCE)."""
        return self._made("verifier")

    def _made(self, purpose: str) -> str:
        return _base64(hashlib.sha256(f"{purpose}:{self.secret}".encode()).digest())


class OidcProvider:
    """See the module.

    Args:
        client: as what the assistant is known there.
        transport: carries requests to the provider; default: the network, by a proxy where the environment names one.
    """

    def __init__(self, client: OidcClient, transport: httpx.BaseTransport | None = None) -> None:
        self._client = client
        self._http = httpx.Client(timeout=_TIMEOUT, follow_redirects=False, transport=transport)
        self._lock = threading.Lock()
        self._about: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, dict[str, Any]] | None = None

    @property
    def issuer(self) -> str:
        """The provider's address."""
        return self._client.issuer

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def start(self, journey: Journey, back: str) -> str:
        """Return where a browser goes to be recognised.

        Args:
            journey: made for this sign-in.
            back: the address that it comes back to.

        Raises:
            IdentityProviderError: the provider does not answer, or not as one.
        """
        challenge = _base64(hashlib.sha256(journey.verifier.encode()).digest())
        asked = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": back,
            "scope": " ".join(dict.fromkeys(("openid", *self._client.scopes))),
            "state": journey.state,
            "nonce": journey.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = self._endpoint("authorization_endpoint")
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    def finish(self, journey: Journey, back: str, answer: Mapping[str, str]) -> dict[str, Any]:
        """Return what the provider says of whom it has recognised.

        Args:
            journey: as in `start`.
            back: as in `start`.
            answer: the query that the browser came back with.

        Raises:
            NotSignedInError: the provider refused, or the answer is not one to this journey, or what it brought is not
                by the provider, not for the assistant or not of now.
            IdentityProviderError: the provider does not answer, or not as one.
        """
        if answer.get("state") != journey.state:
            raise NotSignedInError("this is no answer to a sign-in of this browser", "sign in again")
        if "iss" in answer and answer["iss"] != self.issuer:
            raise NotSignedInError("another identity provider has answered", "sign in again")
        if "error" in answer:
            why = " ".join(answer.get("error_description", answer["error"]).split())[:200]
            raise NotSignedInError(f"the identity provider refused: {why}", "sign in again, or ask an admin")
        if not answer.get("code"):
            raise NotSignedInError("the identity provider sent no code", "sign in again")
        tokens = self._exchanged(answer["code"], back, journey.verifier)
        access_token = str(tokens.get("access_token") or "")
        claims = self._verified(str(tokens.get("id_token") or ""), journey.nonce, access_token)
        return {**self._more(access_token, str(claims["sub"])), **claims}

    def sign_out_url(self, back: str) -> str:
        """Return where a browser signs out of the provider too; empty where that is not offered, or not known."""
        try:
            endpoint = str(self._described().get("end_session_endpoint") or "")
        except IdentityProviderError:
            return ""
        asked = urlencode({"client_id": self._client.client_id, "post_logout_redirect_uri": back})
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{asked}" if endpoint else ""

    def _exchanged(self, code: str, back: str, verifier: str) -> dict[str, Any]:
        """Return the tokens that the provider gives for a code."""
        client, endpoint = self._client, self._endpoint("token_endpoint")
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
            "client_id": client.client_id,
        }
        auth = httpx.Auth()  # none
        if client.client_secret:
            # In the form there is one way to write a secret with odd characters, in the header servers know two.
            if "client_secret_post" in (self._described().get("token_endpoint_auth_methods_supported") or ()):
                asked["client_secret"] = client.client_secret
            else:
                auth = httpx.BasicAuth(quote(client.client_id, safe=""), quote(client.client_secret, safe=""))
        try:
            response = self._http.post(endpoint, data=asked, auth=auth, headers={"Accept": "application/json"})
            found = response.json() if len(response.content) <= _LARGEST else None
        except (httpx.HTTPError, ValueError) as error:
            raise self._silent(endpoint, error) from error
        if not isinstance(found, dict):
            raise self._odd(f"{endpoint} is no JSON object")
        if response.is_error or "error" in found:
            why = " ".join(str(found.get("error_description") or found.get("error") or response.status_code).split())
            raise NotSignedInError(f"the identity provider refused the code: {why[:200]}", "sign in again")
        return found

    def _verified(self, token: str, nonce: str, access_token: str) -> dict[str, Any]:
        """Return the claims of an ID token. Raises NotSignedInError where it is not one for this sign-in."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError, JoseError
        from joserfc.jwk import KeySet

        client = self._client
        try:
            for fresh in (False, True):
                keys = KeySet.import_key_set(self._known_keys(fresh=fresh))  # type: ignore[arg-type]
                try:
                    read = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
                    break
                except (InvalidKeyIdError, JoseError, ValueError):
                    if fresh:  # the provider may have changed its keys: they are looked for once
                        raise
            claims = CodeIDToken(
                read.claims,
                read.header,
                {
                    "iss": {"essential": True, "value": self.issuer},
                    "aud": {"essential": True, "value": client.client_id},
                    "sub": {"essential": True},
                    "exp": {"essential": True},
                    "iat": {"essential": True},
                },
                {"nonce": nonce, "client_id": client.client_id, "access_token": access_token},
            )
            claims.validate(leeway=_SKEW)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise NotSignedInError(f"the identity provider's token is not good: {error}", "sign in again") from error
        return dict(claims)

    def _more(self, access_token: str, subject: str) -> dict[str, Any]:
        """Return what the provider tells beside its token; nothing where it has no such address."""
        endpoint = self._described().get("userinfo_endpoint")
        if not endpoint or not access_token:
            return {}
        found = self._fetched(str(endpoint), {"Authorization": f"Bearer {access_token}"})
        if found.get("sub") != subject:
            raise NotSignedInError("the identity provider spoke of two people", "sign in again")
        return found

    def _known_keys(self, *, fresh: bool) -> dict[str, Any]:
        with self._lock:
            now, known = time.monotonic(), self._keys
            if known is not None and now - known[0] < (_PAUSE if fresh else _KEPT):
                return known[1]
        found = self._fetched(self._endpoint("jwks_uri"))
        if not isinstance(found.get("keys"), list):
            raise self._odd("its keys are no list")
        with self._lock:
            self._keys = time.monotonic(), found
        return found

    def _endpoint(self, name: str) -> str:
        found = self._described().get(name)
        if not isinstance(found, str) or not found.startswith(("https://", "http://")):
            raise self._odd(f"it names no {name}")
        return found

    def _described(self) -> dict[str, Any]:
        """Return what the provider says of itself, at most an hour old."""
        with self._lock:
            if self._about is not None and time.monotonic() - self._about[0] < _KEPT:
                return self._about[1]
        found = self._fetched(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise self._odd(f"it calls itself {str(found.get('issuer'))[:200]!r}")
        with self._lock:
            self._about = time.monotonic(), found
        return found

    def _fetched(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        try:
            response = self._http.get(url, headers=dict(headers or {}))
            response.raise_for_status()
            found = response.json() if len(response.content) <= _LARGEST else None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise self._silent(url, error) from error
        if not isinstance(found, dict):
            raise self._odd(f"{url} is no JSON object")
        return found

    def _silent(self, url: str, error: Exception) -> IdentityProviderError:
        return IdentityProviderError(
            f"the identity provider does not answer at {url}: {error}", "try again; else see `oidc_issuer`"
        )

    def _odd(self, why: str) -> IdentityProviderError:
        said = f"{self.issuer} does not answer as an identity provider: {why}"
        return IdentityProviderError(said, "see `oidc_issuer`")


def group_names(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the groups that a claim names: a list, one name, or a path such as `realm_access.roles`.

    Raises:
        ConfigurationError: it is something else.
    """
    found: Any = claims.get(name)
    if found is None and "." in name:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if found is None:
        return ()
    names = [found] if isinstance(found, str) else found
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise ConfigurationError(f"the claim {name!r} is no list of names", "see `oidc_groups_claim`")
    return tuple(one.strip().strip("/") for one in names if one.strip().strip("/"))


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
