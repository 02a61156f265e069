"""An identity provider that lies, errs or changes its keys: what is believed of what it says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from assistant.adapters import oidc
from assistant.adapters.oidc import Journey, OidcClient, OidcProvider, group_names
from assistant.errors import ConfigurationError, IdentityProviderError, NotSignedInError

ISSUER, CLIENT, SECRET, BACK = "https://id.example", "assistant", "client secret", "https://a.example/back"
FIRST, SECOND, FOREIGN = (RSAKey.generate_key(2048, {"kid": kid}) for kid in ("one", "two", "one"))
JOURNEY = Journey("s" * 43)


def half_hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).rstrip(b"=").decode()


@dataclass
class Provider:
    """Answers as an identity provider does; what a test changes of it is wrong."""

    key: RSAKey = field(default_factory=lambda: FIRST)
    published: list[RSAKey] = field(default_factory=lambda: [FIRST])
    claims: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    user_info: dict[str, Any] = field(default_factory=lambda: {"sub": "42", "email": "ann@corp.example"})
    forge: Callable[[str], str] = lambda token: token
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        match request.url.path:
            case "/.well-known/openid-configuration":
                urls = {f"{name}_endpoint": f"{ISSUER}/{name}" for name in ("authorization", "token", "userinfo")}
                return httpx.Response(200, json={"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys", **urls, **self.about})
            case "/keys":
                return httpx.Response(200, json={"keys": [key.as_dict(private=False) for key in self.published]})
            case "/token":
                form = parse_qs(request.content.decode())
                if form["code"] != ["good"] or form["code_verifier"] != [JOURNEY.verifier]:
                    return httpx.Response(400, json={"error": "invalid_grant"})
                tokens = {"access_token": "access", "token_type": "Bearer", "id_token": self.forge(self.id_token())}
                return httpx.Response(200, json=tokens)
            case "/userinfo":
                return httpx.Response(200, json=self.user_info)
        return httpx.Response(404)

    def id_token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": CLIENT,
            "sub": "42",
            "nonce": JOURNEY.nonce,
            "iat": now,
            "exp": now + 300,
            "at_hash": half_hash("access"),
            "name": "Ann",
            **self.claims,
        }
        present = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, present, self.key)


def finish(provider: Provider, client: OidcProvider | None = None, **answer: str) -> dict[str, Any]:
    client = client or made(provider)
    return client.finish(JOURNEY, BACK, {"state": JOURNEY.state, "code": "good", **answer})


def made(provider: Provider) -> OidcProvider:
    return OidcProvider(OidcClient(ISSUER, CLIENT, SECRET), httpx.MockTransport(provider))


def test_the_way_there_asks_for_a_code_with_pkce_state_and_nonce() -> None:
    query = urlsplit(made(Provider()).start(JOURNEY, BACK)).query
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    challenge = base64.urlsafe_b64encode(hashlib.sha256(JOURNEY.verifier.encode()).digest()).rstrip(b"=").decode()
    assert asked == {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": BACK,
        "scope": "openid profile email",
        "state": JOURNEY.state,
        "nonce": JOURNEY.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    assert len({JOURNEY.state, JOURNEY.nonce, JOURNEY.verifier, Journey("t" * 43).state, JOURNEY.secret}) == 5


def test_claims_of_token_and_user_info_come_together() -> None:
    provider = Provider(user_info={"sub": "42", "email": "ann@corp.example", "name": "not this one"})
    claims = finish(provider)
    assert (claims["sub"], claims["name"], claims["email"]) == ("42", "Ann", "ann@corp.example")
    (token,) = [request for request in provider.asked if request.url.path == "/token"]
    assert token.headers["Authorization"] == "Basic " + base64.b64encode(b"assistant:client%20secret").decode()
    assert finish(provider, iss=ISSUER)["sub"] == "42"


def without_signature(token: str) -> str:
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    return f"{head}.{token.split('.')[1]}."


def with_public_key_as_secret(token: str) -> str:
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": "one"}).encode()).rstrip(b"=")
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    signed = hmac.digest(FIRST.as_pem(private=False), head + b"." + body, "sha256")
    return b".".join((head, body, base64.urlsafe_b64encode(signed).rstrip(b"="))).decode()


def tampered(token: str) -> str:
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    body = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "1"}).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


@pytest.mark.parametrize(
    "forge",
    [without_signature, with_public_key_as_secret, tampered, lambda _: "", lambda _: "a.b.c", lambda _: "\u00e9"],
)
def test_a_forged_token_is_refused(forge: Callable[[str], str]) -> None:
    with pytest.raises(NotSignedInError, match="token is not good"):
        finish(Provider(forge=forge))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": [CLIENT, "another"]},  # and no azp
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": -100},  # numbers are times, in seconds from now: it may be long since they were collected
        {"exp": None},
        {"iat": 1000},
        {"nbf": 1000},
        {"sub": None},
        {"at_hash": half_hash("another")},
    ],
)
def test_a_token_of_another_for_another_or_of_another_time_is_refused(claims: dict[str, Any]) -> None:
    now = int(time.time())
    told = {name: now + value if isinstance(value, int) else value for name, value in claims.items()}
    with pytest.raises(NotSignedInError, match="token is not good"):
        finish(Provider(claims=told))


def test_clocks_may_differ_a_little() -> None:
    now = int(time.time())
    assert finish(Provider(claims={"iat": now + 30, "exp": now + 300}))["sub"] == "42"
    assert finish(Provider(claims={"exp": now - 30}))["sub"] == "42"


def test_a_key_of_somebody_else_is_refused() -> None:
    with pytest.raises(NotSignedInError, match="token is not good"):
        finish(Provider(key=FOREIGN))


def test_new_keys_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "_PAUSE", 0.0)
    provider = Provider()
    client = made(provider)
    finish(provider, client)
    provider.key, provider.published = SECOND, [SECOND]
    assert finish(provider, client)["sub"] == "42"
    looked = [request.url.path for request in provider.asked].count("/keys")
    assert looked == 2
    provider.key = FIRST  # no longer one of its keys
    with pytest.raises(NotSignedInError, match="token is not good"):
        finish(provider, client)
    assert [request.url.path for request in provider.asked].count("/keys") == looked + 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"state": "another"}, "no answer to a sign-in of this browser"),
        ({"state": ""}, "no answer to a sign-in of this browser"),
        ({"iss": "https://evil.example"}, "another identity provider"),
        ({"code": ""}, "no code"),
        ({"code": "bad"}, "refused the code"),
        ({"error": "access_denied", "error_description": "You\nmay not"}, "refused: You may not"),
    ],
)
def test_a_wrong_answer_is_refused(answer: dict[str, str], said: str) -> None:
    with pytest.raises(NotSignedInError, match=said):
        finish(Provider(), **answer)


def test_a_secret_goes_the_way_that_the_provider_offers() -> None:
    provider = Provider(about={"token_endpoint_auth_methods_supported": ["client_secret_post"]})
    finish(provider)
    (token,) = [request for request in provider.asked if request.url.path == "/token"]
    assert "Authorization" not in token.headers
    assert parse_qs(token.content.decode())["client_secret"] == [SECRET]


def test_a_code_of_another_browser_is_of_no_use() -> None:
    other = Journey("t" * 43)
    with pytest.raises(NotSignedInError, match="refused the code"):
        made(Provider()).finish(other, BACK, {"state": other.state, "code": "good"})


def test_user_info_of_another_person_is_refused() -> None:
    with pytest.raises(NotSignedInError, match="two people"):
        finish(Provider(user_info={"sub": "43"}))


@pytest.mark.parametrize(
    "about",
    [{"issuer": "https://evil.example"}, {"token_endpoint": None}, {"jwks_uri": "file:///etc/passwd"}, {"jwks_uri": 7}],
)
def test_a_provider_that_is_odd_is_not_believed(about: dict[str, Any]) -> None:
    with pytest.raises(IdentityProviderError):
        finish(Provider(about=about))


def test_a_provider_that_does_not_answer_is_named() -> None:
    def down(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    client = OidcProvider(OidcClient(ISSUER, CLIENT), httpx.MockTransport(down))
    with pytest.raises(IdentityProviderError, match=r"does not answer at https://id\.example"):
        client.start(JOURNEY, BACK)
    assert client.sign_out_url(BACK) == ""


def test_signing_out_there_is_offered_where_there_is_a_way() -> None:
    assert made(Provider()).sign_out_url(BACK) == ""
    url = made(Provider(about={"end_session_endpoint": f"{ISSUER}/out?x=1"})).sign_out_url(BACK)
    assert url == f"{ISSUER}/out?x=1&client_id=assistant&post_logout_redirect_uri=https%3A%2F%2Fa.example%2Fback"


def test_groups_are_read_from_claims() -> None:
    assert group_names({"groups": ["hr", "/staff/berlin", " ", "it "]}, "groups") == ("hr", "staff/berlin", "it")
    assert group_names({"groups": "hr"}, "groups") == ("hr",)
    assert group_names({"realm_access": {"roles": ["hr"]}}, "realm_access.roles") == ("hr",)
    assert group_names({"https://a.b/groups": ["hr"]}, "https://a.b/groups") == ("hr",)
    assert group_names({}, "groups") == group_names({"realm_access": 1}, "realm_access.roles") == ()
    with pytest.raises(ConfigurationError):
        group_names({"groups": [{"name": "hr"}]}, "groups")
