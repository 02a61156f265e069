"""What plugins offer, and that the secrets of their configurations stay with them."""

from __future__ import annotations

import dataclasses
import json
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel, SecretBytes, SecretStr, field_serializer, field_validator
from pydantic import Secret as TypedSecret

from assistant.catalog import MASK, Secret, masked, revealed
from assistant.errors import (
    AccessDeniedError,
    AssistantError,
    ConfigurationError,
    PluginError,
    SourceUnreachableError,
    UnsupportedFormatError,
)
from assistant.interfaces import DataSource
from assistant.plugin_host.guests import StoppedKind
from assistant.registry import Places, PluginRegistry, SourceKind, load_plugin
from assistant.registry.kinds import NoGuests
from assistant.types import LOCAL_OPERATOR, Change, Changed, Checkpoint, DocumentRef, RawDocument, User
from plugins.calculator import Calculator

TOKEN = "tok-4f9a81c27be0"  # noqa: S105 (a made-up one)


class Login(BaseModel):
    """A nested model."""

    user: str
    password: SecretStr


@dataclasses.dataclass
class Proxy:
    """A nested dataclass."""

    host: str
    login: SecretStr


class Keys(RootModel[list[SecretStr]]):
    """A model that is a list."""


class Config(BaseModel):
    """Secrets in every place that there is."""

    model_config = ConfigDict(extra="forbid")

    url: str = "https://wiki"
    token: SecretStr = SecretStr("")
    maybe: SecretStr | None = None
    login: Login | None = None
    logins: list[Login] = []
    by_name: dict[str, SecretStr] = {}
    pair: tuple[str, SecretStr] | None = None
    keys: Keys | None = None
    number: TypedSecret[int] | None = None
    raw: SecretBytes | None = None
    either: SecretStr | Login | None = None
    proxy: Proxy | None = None
    many: set[SecretStr] = set()
    shown: SecretStr = SecretStr("")
    kept_out: SecretStr = Field(SecretStr(""), exclude=True)
    limit: Annotated[int, Field(ge=1)] = 5
    mode: Literal["a", "b"] = "a"

    @field_serializer("shown", when_used="json")
    def _plain(self, value: SecretStr) -> str:
        """Do what some authors do: the value would be in every dump."""
        return value.get_secret_value()

    @field_validator("maybe", mode="before")
    @classmethod
    def _chatty(cls, value: Any) -> Any:
        if value == f"bad {TOKEN}":
            raise ValueError(f"{value} is not a token")
        if value == f"odd {TOKEN}":
            raise KeyError(value)
        return value


GIVEN: dict[str, Any] = {
    "url": "https://wiki/x",
    "token": "secret-token",
    "maybe": "secret-maybe",
    "login": {"user": "u0", "password": "secret-login"},
    "logins": [{"user": "u1", "password": "secret-one"}, {"user": "u2", "password": "secret-two"}],
    "by_name": {"x": "secret-x", "y": "secret-y"},
    "pair": ["p", "secret-pair"],
    "keys": ["secret-k1", "secret-k2"],
    "number": 424242,
    "raw": "secret-raw",
    "either": {"user": "u3", "password": "secret-either"},
    "proxy": {"host": "h", "login": "secret-proxy"},
    "many": ["secret-many"],
    "shown": "secret-shown",
    "kept_out": "secret-kept-out",
    "limit": 7,
    "mode": "b",
}


class WikiSource:
    """Fails in the way that the test wants, saying more than it should."""

    failure: Exception | None = None

    def __init__(self, config: Config) -> None:
        self.config = config
        if config.url == "factory":
            raise RuntimeError(f"cannot log in with {config.token.get_secret_value()}")

    def changes(self, cursor: str | None) -> Iterator[Change]:
        yield Changed("page")
        if self.failure is not None:
            raise self.failure
        yield Checkpoint("", complete=True)

    def fetch(self, key: str) -> RawDocument:
        if self.failure is not None:
            raise SourceUnreachableError(f"GET {key}?{TOKEN} failed", f"check {TOKEN}") from self.failure
        return RawDocument(key, b"", "", "", "")


@pytest.fixture
def registry() -> PluginRegistry:
    registry = PluginRegistry()
    registry.add_source("wiki", Config, WikiSource)
    return registry


def test_every_secret_of_the_schema_is_marked_and_nothing_else(registry: PluginRegistry) -> None:
    config = registry.validate("wiki", GIVEN)
    assert revealed(config) == GIVEN
    shown = json.dumps(masked(config))
    assert "secret-" not in shown
    assert "424242" not in shown
    assert masked(config)["logins"] == [{"user": "u1", "password": MASK}, {"user": "u2", "password": MASK}]
    assert masked(config)["pair"] == ["p", MASK]
    assert (config["url"], config["limit"], config["mode"]) == ("https://wiki/x", 7, "b")
    assert shown.count(MASK) == 17


def test_what_is_not_set_is_no_secret(registry: PluginRegistry) -> None:
    config = registry.validate("wiki", {})
    assert (config["token"], config["maybe"]) == ("", None)
    assert MASK not in json.dumps(config)


def test_a_source_gets_the_values(registry: PluginRegistry) -> None:
    config = registry.validate("wiki", GIVEN)
    source: Any = registry.make_source("wiki", config)
    again = registry.validate("wiki", config)
    assert revealed(again) == GIVEN
    made: Config = source._source.config
    assert made.token.get_secret_value() == "secret-token"
    assert made.number is not None
    assert made.number.get_secret_value() == 424242
    assert isinstance(source, DataSource)
    assert [type(change) for change in source.changes(None)] == [Changed, Checkpoint]
    assert source.fetch("page").key == "page"
    assert isinstance(registry.make_source("wiki", {}), WikiSource), "without secrets, nothing stands between"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"limit": TOKEN}, "limit"),
        ({"maybe": f"bad {TOKEN}"}, "maybe"),
        ({"token": [TOKEN]}, "token"),
        ({"mode": "x", "token": TOKEN}, "mode"),
        ({"login": {"user": 1, "password": TOKEN}}, "login.user"),
        ({"logins": [{"user": "a", "password": {"x": TOKEN}}]}, "logins.0.password"),
        ({"tokn": TOKEN}, "tokn"),
        ({"number": TOKEN}, "number"),
    ],
)
def test_errors_of_validation_do_not_echo_what_was_given(
    registry: PluginRegistry, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"wiki source: {field}") as caught:
        registry.validate("wiki", change)
    assert TOKEN not in all_of(caught.value)
    with pytest.raises(ConfigurationError) as caught:
        registry.make_source("wiki", change)
    assert TOKEN not in all_of(caught.value)


def test_a_validator_that_fails_otherwise_is_the_plugins_fault(registry: PluginRegistry) -> None:
    with pytest.raises(PluginError, match="cannot check its configuration: KeyError") as caught:
        registry.validate("wiki", {"maybe": f"odd {TOKEN}"})
    assert TOKEN not in all_of(caught.value)


@pytest.mark.parametrize("change", [{"token": MASK}, {"logins": [{"user": "a", "password": MASK}]}])
def test_a_mask_is_not_stored_as_a_secret(registry: PluginRegistry, change: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"(token|logins\.0\.password): \*+ stands for a stored secret"):
        registry.validate("wiki", change)
    assert registry.validate("wiki", {"url": MASK})["url"] == MASK


def test_a_plugins_errors_do_not_hold_its_secrets(registry: PluginRegistry) -> None:
    with pytest.raises(PluginError, match="cannot make its source: RuntimeError") as caught:
        registry.make_source("wiki", {"url": "factory", "token": TOKEN})
    assert TOKEN not in all_of(caught.value)
    source: Any = registry.make_source("wiki", {"token": TOKEN})
    source._source.failure = RuntimeError(f"401 for {TOKEN}", TOKEN)
    with pytest.raises(RuntimeError, match=r"401 for \*") as failed:
        list(source.changes(None))
    assert TOKEN not in all_of(failed.value)
    with pytest.raises(SourceUnreachableError, match=r"GET page\?\*+ failed") as unreachable:
        source.fetch("page")
    assert TOKEN not in all_of(unreachable.value)


def test_an_error_that_cannot_be_masked_is_not_shown(registry: PluginRegistry) -> None:
    source: Any = registry.make_source("wiki", {"token": TOKEN})
    source._source.failure = OSError(2, "gone", f"/srv/{TOKEN}")  # it keeps its file name out of reach of `args`
    with pytest.raises(PluginError, match="FileNotFoundError, with a text that holds a secret") as caught:
        list(source.changes(None))
    assert TOKEN not in all_of(caught.value)
    with pytest.raises(SourceUnreachableError, match="GET page") as unreachable:
        source.fetch("page")
    assert TOKEN not in all_of(unreachable.value)


def all_of(error: BaseException) -> str:
    """Return everything that a log, a record or the API would show of the error."""
    shown = "".join(traceback.format_exception(error))
    fields = (error.message, error.hint) if isinstance(error, AssistantError) else ()
    return f"{shown} {error!r} {error.args} {fields}"


def test_plain_secrets_of_a_stored_configuration_are_marked_and_the_rest_stays(registry: PluginRegistry) -> None:
    stored = {"url": "x", "token": TOKEN, "logins": [{"user": "a", "password": TOKEN}], "by_name": {}, "maybe": None}
    config = registry.mark_secrets("wiki", stored)
    assert isinstance(config["token"], Secret)
    assert revealed(config) == stored
    assert masked(config) == {**stored, "token": MASK, "logins": [{"user": "a", "password": MASK}]}
    again = registry.mark_secrets("wiki", config)
    assert (masked(again), again["token"] is config["token"]) == (masked(config), True)


def test_the_schema_says_what_is_secret_for_a_plugin_of_another_process(registry: PluginRegistry) -> None:
    kinds: dict[str, SourceKind] = {"guest": StoppedKind("guest", registry.sources["wiki"].schema(), "not asked", "")}

    class Elsewhere(NoGuests):
        def sources(self) -> Mapping[str, SourceKind]:
            return kinds

    registry.attach(Elsewhere())
    stored = {"url": "x", "token": TOKEN, "logins": [{"user": "a", "password": TOKEN}], "by_name": {"b": TOKEN}}
    config = registry.mark_secrets("guest", stored)
    assert revealed(config) == stored
    shown = {"url": "x", "token": MASK, "logins": [{"user": "a", "password": MASK}], "by_name": {"b": MASK}}
    assert masked(config) == shown
    assert registry.mark_secrets("guest", config)["token"] is config["token"]
    assert registry.mark_secrets("guest", {"token": MASK}) == {"token": MASK}


def test_a_configuration_that_cannot_be_checked_is_left_alone(registry: PluginRegistry) -> None:
    def lost() -> str:
        raise ConfigurationError("no key")

    for kind, config in (
        ("gone", {"token": TOKEN}),
        ("wiki", {"token": TOKEN, "limit": 0}),
        ("wiki", {"token": MASK}),
        ("wiki", {"token": Secret(lost)}),
    ):
        assert registry.mark_secrets(kind, config) is config


def test_the_schema_for_forms_says_which_fields_are_secret(registry: PluginRegistry) -> None:
    schema = registry.sources["wiki"].config.model_json_schema()
    assert schema["properties"]["token"]["format"] == "password"
    assert schema["properties"]["token"]["writeOnly"] is True


def test_what_no_parser_reads_comes_with_what_to_do():
    ref = DocumentRef("s", "a.mp3", "1", "a", "", "audio/mpeg")
    registry = PluginRegistry(lambda media_type: f"instead of {media_type} add a transcript")
    with pytest.raises(UnsupportedFormatError, match=r"no parser reads audio/mpeg \(a.mp3\)") as caught:
        registry.parser_for(ref)
    assert caught.value.hint == "instead of audio/mpeg add a transcript"


def test_what_is_added_after_a_plugin_is_not_the_plugins() -> None:
    registry = PluginRegistry()
    load_plugin(registry, "dates", "1.0", "plugins.dates", "register")
    registry.add_tool(Calculator())
    assert registry.offers("dates") == [("tool", "dates")]
    assert registry.offers("") == [("tool", "calculator")]


def test_an_admin_names_nothing_in_the_home_and_no_folder_around_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "blobs").mkdir(parents=True)
    (tmp_path / "way").symlink_to(home)
    admin = User("root", frozenset({"everyone"}), "admin")
    places = Places(home, (tmp_path,))
    for text in (
        *(f"{home}", f"{home}/blobs", f"{tmp_path}/other/../home", f"{tmp_path}/way/blobs", f"{tmp_path}", f"/{home}"),
        *(f"sqlite:///{home}/catalog.sqlite3", f"sqlite:///file:{home}/c%61talog.sqlite3?uri=true", f"file://{home}"),
    ):
        with pytest.raises(AccessDeniedError):
            places.refuse({"readers": [{"from": text}]}, {}, admin)
        places.refuse({"readers": [{"from": text}]}, {}, LOCAL_OPERATOR)
    fine = ["", "/", "hall", "*.pdf", "https://x.example/home", f"{tmp_path}/homestead", "~nobody-here/x", "a\0b", None]
    places.refuse({"these": fine}, {}, admin)


def test_an_admin_names_places_of_this_machine_only_where_the_operator_says_so(tmp_path: Path) -> None:
    for name in ("share", "other"):
        (tmp_path / name / "a").mkdir(parents=True)
    (tmp_path / "share" / "out").symlink_to(tmp_path / "other")
    admin = User("root", frozenset({"everyone"}), "admin")
    schema = {"properties": {"folder": {"format": "path", "type": "string"}, "url": {"type": "string"}}}
    places = Places(tmp_path / "home", (tmp_path / "share",))
    places.refuse({"folder": f"{tmp_path}/share/a", "url": "https://x.example/etc"}, schema, admin)
    places.refuse({"folder": f"{tmp_path}/share/new", "url": "/"}, schema, admin)
    for config in (
        {"folder": f"{tmp_path}/other/a"},
        {"folder": f"{tmp_path}/not-there"},
        {"folder": f"{tmp_path}/share/out/a"},
        {"folder": f"{tmp_path}/share/../other"},
        {"folder": "/"},
        {"folder": "relative"},
        {"url": "/etc/passwd"},
        {"url": "sqlite:////etc/passwd"},
        {"url": "file:///etc/passwd"},
    ):
        with pytest.raises(AccessDeniedError, match="not for admins"):
            places.refuse(config, schema, admin)
        places.refuse(config, schema, LOCAL_OPERATOR)
        places.refuse(config, schema, admin, known=config)
