"""Operations of an API as tools: what a real HTTP server gets, and what a model is told of its answers."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from assistant.errors import ConfigurationError, SourceError, ToolError
from assistant.interfaces import CheckedTool
from assistant.plugin_kit import run_checks, target_of
from assistant.registry import PluginRegistry, load_plugin
from assistant.types import LOCAL_OPERATOR, ToolResult
from plugins.http_api import HttpApiConfig, make_tools
from tests.plugins.http_api.served import DESCRIPTION, TOKEN, Shop, serving

EVERY = ("listOrders", "createOrder", "get /orders/{id}", "deleteOrder", "login")
SIGN_IN: dict[str, Any] = {"token": TOKEN, "headers": {"x-key": "key-5521"}}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with serving() as shop:
        yield shop


def made(shop: Shop, **changes: Any) -> dict[str, Any]:
    values = {"description": f"{shop.url}/openapi.json", "operations": EVERY, "private_hosts": ["127.0.0.1"], **SIGN_IN}
    return {tool.name: tool for tool in make_tools("shop", HttpApiConfig(**{**values, **changes}))}


def run(shop: Shop, tool: str, changes: dict[str, Any] | None = None, **arguments: Any) -> ToolResult:
    result: ToolResult = made(shop, **changes or {})[tool].run(arguments, LOCAL_OPERATOR)
    return result


def test_each_operation_is_a_tool_with_its_schema(shop: Shop) -> None:
    tools = made(shop)
    assert {name: tool.writes for name, tool in tools.items()} == {
        "shop_listorders": False,
        "shop_createorder": True,
        "shop_get_orders_id": False,
        "shop_deleteorder": True,
        "shop_login": True,
    }
    assert all(tool.reaches_out for tool in tools.values())
    assert not any(tool.reaches_out for tool in made(shop, stays_inside=True).values())
    listing = tools["shop_listorders"]
    assert listing.description == "Lists orders. (GET /orders of Shop)"
    assert listing.parameters["properties"] == {
        "lang": {"description": "lang, of the cookie.", "type": "string"},
        "filter_status": {"description": "Where it stands.", "type": "string", "enum": ["open", "done"]},
        "ids": {"description": "ids, of the query.", "type": "array"},
        "where": {"description": "where, of the query.", "type": "object"},
        "limit": {"description": "limit, of the query.", "type": ["integer", "null"], "exclusiveMinimum": 0},
    }, "X-Key is what the configuration signs in with"
    order = tools["shop_createorder"].parameters
    assert order["required"] == ["body"]
    body = order["properties"]["body"]
    assert (body["required"], "id" in body["properties"]) == (["customer"], False)
    assert body["properties"]["note"]["type"] == ["string", "null"]
    assert body["properties"]["parts"]["items"] == {"description": "Another Order, as above."}


def test_arguments_go_where_the_description_says(shop: Shop) -> None:
    found = run(
        shop, "shop_listorders", filter_status="open", ids=[1, "a,b"], where={"x y": True}, limit=3, lang="de;x"
    )
    assert (found.text, found.data) == ('{"ok": true}', {"status": 200, "body": {"ok": True}})
    method, address, headers, body = shop.got[0]
    assert (method, urlsplit(address).path, body) == ("GET", "/api/v1/orders", b"")
    asked = {"filter[status]": ["open"], "ids": ["1,a,b"], "where[x y]": ["true"], "limit": ["3"]}
    assert parse_qs(urlsplit(address).query) == asked
    assert (headers["authorization"], headers["x-key"]) == (f"Bearer {TOKEN}", "key-5521")
    assert headers["cookie"] == "lang=de%3Bx"
    run(shop, "shop_createorder", body={"customer": "Ä"})
    assert (shop.got[1][0], json.loads(shop.got[1][3])) == ("POST", {"customer": "Ä"})
    assert shop.got[1][2]["content-type"] == "application/json"
    run(shop, "shop_login", body={"a": "1&2", "b": [1, 2]})
    assert shop.got[2][3] == b"a=1%262&b=1&b=2"
    run(shop, "shop_get_orders_id", id="a/b?c#d")
    assert shop.got[3][1] == "/api/v1/orders/a%2Fb%3Fc%23d"


def test_basic_sign_in(shop: Shop) -> None:
    run(shop, "shop_listorders", {"token": "", "username": "ann", "password": "hunter22"})
    assert shop.got[0][2]["authorization"] == f"Basic {base64.b64encode(b'ann:hunter22').decode()}"


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("shop_listorders", {"filter_status": "lost"}, "filter_status: 'lost' is not one of"),
        ("shop_listorders", {"limit": 0}, "limit: 0 is less than or equal to the minimum"),
        ("shop_listorders", {"X-Key": "mine"}, "'X-Key' was unexpected"),
        ("shop_createorder", {}, "'body' is a required property"),
        ("shop_createorder", {"body": {"customer": 5}}, "body.customer: 5 is not of type 'string'"),
        ("shop_get_orders_id", {"id": ".."}, "cannot stand in an address"),
        ("shop_get_orders_id", {"id": "../admin"}, "cannot stand in an address"),
    ],
)
def test_wrong_arguments_are_named_and_nothing_is_sent(
    shop: Shop, tool: str, arguments: dict[str, Any], told: str
) -> None:
    with pytest.raises(ToolError, match=told):
        run(shop, tool, **arguments)
    assert shop.got == []


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (400, r"does not take these arguments \(400\): no such day .*correct the arguments"),
        (401, "does not take the sign-in .*ask an admin"),
        (403, "does not allow this"),
        (404, "has no such thing .*check the names"),
        (409, "not as expected any more"),
        (429, r"asked too often .*wait 7 s"),
        (302, r"sends the call elsewhere \(302, https://evil\.example/x\).*look whether it was done"),
        (503, r"fails \(503\).*look whether it was done before you try again"),
    ],
)
def test_a_status_is_told_in_words(shop: Shop, status: int, told: str) -> None:
    shop.status, shop.body = status, b"no such\nday"
    shop.headers = {"Retry-After": "7", "Location": "https://evil.example/x"}
    with pytest.raises(ToolError, match=told):
        run(shop, "shop_deleteorder", id="7")
    assert len(shop.got) == 1, "nothing that writes is sent twice"


def test_only_the_one_server_is_called(shop: Shop) -> None:
    shop.status, shop.headers = 302, {"Location": "/api/v1/other"}
    with pytest.raises(ToolError, match="from one address to the next"):
        run(shop, "shop_listorders")
    assert [address for _, address, _, _ in shop.got] == ["/api/v1/orders", *["/api/v1/other"] * 3]
    with serving() as other:
        shop.headers = {"Location": f"{other.url}/x"}
        with pytest.raises(ToolError, match=r"to another one .*which is refused"):
            run(shop, "shop_listorders")
        assert other.got == []
    with pytest.raises(SourceError, match="private network"):
        made(shop, private_hosts=[])
    with pytest.raises(ConfigurationError, match="at a server of its own"):
        made(shop, operations=["elsewhere"])
    shop.description = json.dumps({**DESCRIPTION, "servers": [{"url": "https://evil.example"}]}).encode()
    with pytest.raises(ConfigurationError, match=r"API is at https://evil\.example, and it would get the sign-in"):
        made(shop)


def test_secrets_are_told_to_nobody(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    pair = base64.b64encode(b"ann:hunter22").decode()
    basic = {"token": "", "username": "ann", "password": "hunter22"}
    with caplog.at_level(logging.DEBUG):
        shop.body = json.dumps({"echo": [TOKEN, "key-5521"]}).encode()
        assert run(shop, "shop_listorders").data["body"] == {"echo": ["**********"] * 2}
        shop.status, shop.body = 400, f"{pair} {TOKEN}".encode()
        with pytest.raises(ToolError) as raised:
            run(shop, "shop_listorders")
        assert TOKEN not in str(raised.value)
        with pytest.raises(ToolError) as raised:
            run(shop, "shop_listorders", basic)
        assert pair not in str(raised.value)
    assert not any(secret in caplog.text for secret in (TOKEN, "key-5521", pair, "hunter22"))


def test_long_answers_are_shortened_and_it_is_said(shop: Shop) -> None:
    shop.body = json.dumps([{"id": n, "text": "x" * 300} for n in range(500)]).encode()
    found = run(shop, "shop_listorders")
    assert len(found.text) < 21_000
    assert "(450 more items)" in found.text
    assert "Shortened from" in found.text
    assert found.data["body"][0]["id"] == 0
    shop.headers, shop.body = {"Content-Type": "text/plain"}, b"y" * 30_000
    assert "(Cut here: 10,000 more characters.)" in run(shop, "shop_listorders").text
    shop.headers = {"Content-Type": "image/png"}
    assert run(shop, "shop_listorders").text == "[image/png, 30,000 bytes: not shown]"
    shop.status, shop.body = 204, b""
    assert "done, the server answers 204" in run(shop, "shop_deleteorder", id="7").text
    shop.status, shop.body = 200, b"z" * 2_000
    with pytest.raises(ToolError, match=r"over 1,000 bytes; it may have been done"):
        run(shop, "shop_deleteorder", {"most_bytes": 1_000}, id="7")


def test_a_file_in_yaml_and_what_cannot_be_offered(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(
        "openapi: 3.1.0\ninfo: {title: Days}\npaths:\n  /days:\n    get:\n      operationId: days\n"
        "      parameters:\n        - {name: from, in: query, schema: {type: [string], default: 2026-01-31}}\n"
    )
    days = made(shop, description=str(file), operations=["days"], server=f"{shop.url}/x")["shop_days"]
    assert days.parameters["properties"]["from"]["default"] == "2026-01-31"
    days.run({"from": "2026-02-01"}, LOCAL_OPERATOR)
    assert shop.got[0][1] == "/x/days?from=2026-02-01"
    assert isinstance(days, CheckedTool)
    assert days.check() == f"{shop.url}/x answers (status 200)"
    assert "authorization" not in shop.got[1][2]
    for changes, told in (
        ({"description": str(file), "operations": ["days"]}, "does not say where the API is"),
        ({"operations": ["nothing"]}, "no operation 'nothing'.*it has: listOrders, createOrder, GET /orders/{id}"),
        ({"operations": ["photo"]}, "takes multipart/form-data: only JSON and forms"),
        ({"operations": ["login", "POST /login"]}, "two operations would be the tool 'shop_login'"),
    ):
        with pytest.raises(ConfigurationError, match=told):
            made(shop, **changes)
    file.write_text("root:x:0:0: [secret line")
    with pytest.raises(ConfigurationError, match="neither JSON nor YAML") as raised:
        made(shop, description=str(file))
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "reference", ["other.json#/x", "http://127.0.0.1:1/x.json", "#/components/schemas/Nobody", "#/paths/~1x"]
)
def test_nothing_but_the_one_file_is_read(shop: Shop, reference: str) -> None:
    wrong = {"/x": {"get": {"operationId": "x", "parameters": [{"name": "a", "in": "query", "schema": {}}]}}}
    wrong["/x"]["get"]["parameters"][0]["schema"] = {"$ref": reference}  # type: ignore[index]
    paths = {} if reference == "#/paths/~1x" else wrong
    shop.description = json.dumps({**DESCRIPTION, "paths": paths or {"/x": {"$ref": reference}}}).encode()
    with pytest.raises(ConfigurationError, match=r"in another file|points to nothing|points to itself"):
        made(shop, operations=["x"])


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"description": "openapi.json"}, "full path"),
        ({"description": "https://ann:pw@x.org/y"}, "an address is no secret"),
        ({"server": "https://ann@x.org"}, "server"),
        ({"username": "ann"}, "one of them"),
        ({"token": "", "password": "x"}, "needs its user name"),
        ({"headers": {"Host": "x"}}, "cannot be a header"),
        ({"headers": {"X-A": "a\r\nb: c"}}, "cannot be sent"),
    ],
)
def test_a_wrong_configuration_is_refused(shop: Shop, values: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        made(shop, **values)


def test_it_passes_the_conformance_kit(shop: Shop) -> None:
    registry = PluginRegistry()
    module = load_plugin(registry, "http_api", "1.0", "plugins.http_api", "register")
    values = {"description": f"{shop.url}/openapi.json", "operations": ["listOrders"], "private_hosts": ["127.0.0.1"]}
    for tool in registry.tool_kind("http_api").make("shop", values):
        registry.add_tool(tool)
    target = replace(target_of("http_api", module, registry), examples={"shop_listorders": {"X-Key": "k", "limit": 2}})
    outcomes = list(run_checks(target, seconds=120))
    assert [(one.check, one.detail) for one in outcomes if one.state == "failed"] == []
