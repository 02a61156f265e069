"""Finds plugins by entry point and keeps what they offer."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pydantic
from pydantic import BaseModel, RootModel, SecretBytes, SecretStr, TypeAdapter, ValidationError

from assistant.catalog import MASK, Secret, mask_text, revealed
from assistant.errors import AssistantError, ConfigurationError, PluginError, UnsupportedFormatError
from assistant.interfaces import DataSource, Parser, Plugin
from assistant.types import Change, DocumentRef, RawDocument

GROUP = "assistant.plugins"
_SHORT = 4  # a shorter secret stands in too many words to be looked for in messages


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A kind of data source: the model of its configuration, and what makes one from it."""

    kind: str
    config: type[BaseModel]
    factory: Callable[[Any], DataSource]


class PluginRegistry:
    """What all loaded plugins offer; implements `interfaces.Registry`.

    Args:
        advise: says what to do about a file of a media type that no parser reads.
    """

    def __init__(self, advise: Callable[[str], str] = lambda _: "see `assistant plugins list`") -> None:
        self._advise = advise
        self._parsers: list[Parser] = []
        self._sources: dict[str, SourceKind] = {}

    def add_parser(self, parser: Parser) -> None:
        """See `interfaces.Registry`. Raises PluginError if the name is taken."""
        if any(parser.name == other.name for other in self._parsers):
            raise PluginError(f"two parsers are called {parser.name!r}", "rename or uninstall one of the plugins")
        self._parsers.insert(0, parser)

    def add_source(self, kind: str, config: type[BaseModel], factory: Callable[[Any], DataSource]) -> None:
        """See `interfaces.Registry`. Raises PluginError if the kind is taken."""
        if kind in self._sources:
            raise PluginError(f"two plugins offer the source kind {kind!r}", "uninstall one of them")
        self._sources[kind] = SourceKind(kind, config, factory)

    @property
    def parsers(self) -> tuple[Parser, ...]:
        """All parsers, the one asked first in front."""
        return tuple(self._parsers)

    @property
    def sources(self) -> dict[str, SourceKind]:
        """All source kinds by name."""
        return dict(self._sources)

    def parser_for(self, ref: DocumentRef) -> Parser:
        """Return the parser that takes this document.

        Raises:
            UnsupportedFormatError: no parser accepts its type.
        """
        for parser in self._parsers:
            if parser.accepts(ref):
                return parser
        raise UnsupportedFormatError(f"no parser reads {ref.media_type} ({ref.key})", self._advise(ref.media_type))

    def make_source(self, kind: str, config: dict[str, Any]) -> DataSource:
        """Return a source of this kind; none of its errors holds a secret of the configuration.

        Args:
            kind: one of `sources`.
            config: as `validate` returned it, or as the catalog has it.

        Raises:
            ConfigurationError: unknown kind; a field is wrong, the message names it; or a secret cannot be decrypted.
            PluginError: the plugin fails on a configuration that its own model accepts.
        """
        model = self._validated(kind, config)
        hidden = tuple(_long_texts(_with_secrets(model, model.model_dump(mode="json"))))
        with _hiding(hidden):
            try:
                source = self._kind(kind).factory(model)
            except AssistantError:
                raise
            except Exception as error:
                raise PluginError(
                    f"the plugin for {kind!r} cannot make its source: {type(error).__name__}: {error}",
                    "report it to the plugin's author",
                ) from error
        return _Discreet(source, hidden) if hidden else source

    def try_source(self, kind: str, config: dict[str, Any]) -> None:
        """Take the first step of the source's listing, to see that it can be read as it is configured.

        Raises:
            ConfigurationError: as `validate`.
            SourceError: it cannot be read; the message says why.
        """
        next(iter(self.make_source(kind, config).changes(None)), None)

    def validate(self, kind: str, config: dict[str, Any]) -> dict[str, Any]:
        """Return the configuration as the kind's own model understands it, e.g. with its paths made absolute.

        What is a `SecretStr` (or another secret type of pydantic) in the model, at any depth, is a `Secret` in what is
        returned; the rest is JSON.

        Raises:
            ConfigurationError: unknown kind, or a field is wrong; the message names it.
        """
        model = self._validated(kind, config)
        values: dict[str, Any] = _with_secrets(model, model.model_dump(mode="json"))
        return values

    def mark_secrets(self, kind: str, config: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a stored configuration with a `Secret` in place of every secret that an older version left in plain.

        Nothing else is changed. One that is no longer valid, or whose plugin is gone, is returned as it is.
        """
        try:
            marked = self.validate(kind, dict(config))
        except (ConfigurationError, PluginError):
            return config
        overlaid: Mapping[str, Any] = _overlaid(config, marked)
        return overlaid

    def _kind(self, kind: str) -> SourceKind:
        known = self._sources.get(kind)
        if known is None:
            raise ConfigurationError(
                f"there is no source kind {kind!r}", f"choose one of: {', '.join(sorted(self._sources)) or 'none'}"
            )
        return known

    def _validated(self, kind: str, config: dict[str, Any]) -> BaseModel:
        plain, wanted = revealed(config), self._kind(kind).config
        hidden = tuple(_password_texts(wanted, plain))
        with _hiding(hidden):
            try:
                model = wanted.model_validate(plain)
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False, include_context=False)[0]
                field, cause = ".".join(str(part) for part in first["loc"]) or "configuration", first["msg"]
            except AssistantError:
                raise
            except Exception as error:
                raise PluginError(
                    f"the plugin for {kind!r} cannot check its configuration: {type(error).__name__}: {error}",
                    "report it to the plugin's author",
                ) from error
            else:
                _refuse_masks(kind, _with_secrets(model, model.model_dump(mode="json")))
                return model
            # raised here and not from that error, whose text holds what was given
            raise ConfigurationError(f"{kind} source: {field}: {cause}", "correct that field")


class _Discreet:
    """A source whose errors hold a mask in place of the `hidden` texts."""

    def __init__(self, source: DataSource, hidden: Sequence[str]) -> None:
        self._source = source
        self._hidden = hidden

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`."""
        with _hiding(self._hidden):
            yield from self._source.changes(cursor)

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        with _hiding(self._hidden):
            return self._source.fetch(key)


def load_registry(
    points: Iterable[EntryPoint] | None = None, advise: Callable[[str], str] | None = None
) -> PluginRegistry:
    """Load every installed plugin.

    Args:
        points: entry points to load instead of the installed ones.
        advise: as for `PluginRegistry`.

    Raises:
        PluginError: a plugin cannot be imported or fails while it registers; the message names it.
    """
    registry = PluginRegistry(advise) if advise else PluginRegistry()
    found = entry_points(group=GROUP) if points is None else points
    for point in sorted(found, key=lambda p: (p.dist is not None and p.dist.name != "assistant", p.name)):
        with _named(point):
            plugin: Plugin = point.load()
            plugin(registry)
    return registry


@contextlib.contextmanager
def _named(point: EntryPoint) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if isinstance(error, PluginError):
            raise
        raise PluginError(
            f"plugin {point.name!r} ({point.value}) cannot be loaded: {type(error).__name__}: {error}",
            "upgrade or uninstall its package",
        ) from error


def _with_secrets(value: Any, dumped: Any) -> Any:
    """Return `dumped`, which pydantic made of `value` with masks for secrets, with `Secret`s instead of these."""
    match value:
        case SecretStr() | SecretBytes() | pydantic.Secret():
            plain = TypeAdapter(Any).dump_python(value.get_secret_value(), mode="json")
            return plain if plain in (None, "") else Secret.of(plain)
        case RootModel():
            return _with_secrets(value.root, dumped)
        case BaseModel() | object(__dataclass_fields__=_) if isinstance(dumped, dict):
            return dumped | dict(_secret_fields(value, dumped))
        case Mapping() if isinstance(dumped, dict):
            pairs = zip(value.values(), dumped.items(), strict=True)
            return {key: _with_secrets(item, shown) for item, (key, shown) in pairs}
        case list() | tuple() | set() | frozenset() if isinstance(dumped, list):
            return [_with_secrets(item, shown) for item, shown in zip(value, dumped, strict=True)]
    return dumped


def _secret_fields(value: Any, dumped: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, BaseModel):
        fields, more = type(value).model_fields, value.model_extra or {}
    else:
        fields, more = {}, vars(value)
    for name, item in (*((name, getattr(value, name)) for name in fields), *more.items()):
        alias = fields[name].serialization_alias if name in fields else None
        key = next((key for key in (name, alias) if key in dumped), None)
        if key is not None:
            yield key, _with_secrets(item, dumped[key])
        elif isinstance(secret := _with_secrets(item, None), Secret):  # kept out of dumps by `exclude`
            yield name, secret


def _overlaid(stored: Any, marked: Any) -> Any:
    match stored, marked:
        case str() | int() | float(), Secret():
            return Secret.of(stored)
        case Mapping(), Mapping():
            return {key: _overlaid(item, marked.get(key)) for key, item in stored.items()}
        case list(), list() if len(stored) == len(marked):
            return [_overlaid(item, other) for item, other in zip(stored, marked, strict=True)]
    return stored


def _refuse_masks(kind: str, values: Any, path: str = "") -> None:
    match values:
        case Secret() if values.reveal() == MASK:
            raise ConfigurationError(
                f"{kind} source: {path}: {MASK} stands for a stored secret, and here is none", "give the secret itself"
            )
        case Mapping():
            for key, item in values.items():
                _refuse_masks(kind, item, f"{path}.{key}" if path else str(key))
        case list():
            for at, item in enumerate(values):
                _refuse_masks(kind, item, f"{path}.{at}")


def _long_texts(values: Any) -> Iterator[str]:
    """Yield the secrets among the values that can be looked for in a text."""
    match values:
        case Secret():
            yield from _texts(values.reveal())
        case Mapping():
            for item in values.values():
                yield from _long_texts(item)
        case list():
            for item in values:
                yield from _long_texts(item)


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str() if len(value) >= _SHORT and value not in MASK:
            yield value
        case Mapping():
            for item in value.values():
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)


def _password_texts(model: type[BaseModel], values: Any) -> Iterator[str]:
    """Yield the texts in a configuration that need not be valid where the model's JSON schema says `password`."""
    for by_alias in (True, False):
        try:
            schema = model.model_json_schema(by_alias=by_alias)
        except pydantic.PydanticUserError:  # a type that has none
            return
        yield from _schema_texts(schema, schema.get("$defs", {}), values)


def _schema_texts(schema: Any, shared: Mapping[str, Any], values: Any) -> Iterator[str]:
    if not isinstance(schema, Mapping):
        return
    if schema.get("format") == "password":
        yield from _texts(values)
    inner: list[tuple[Any, Any]] = [(shared.get(str(schema.get("$ref", "")).rpartition("/")[2]), values)]
    inner += [(other, values) for word in ("anyOf", "oneOf", "allOf") for other in schema.get(word, ())]
    if isinstance(values, Mapping):
        known = schema.get("properties", {})
        inner += [(known.get(key, schema.get("additionalProperties")), item) for key, item in values.items()]
    elif isinstance(values, list):
        first = schema.get("prefixItems", [])
        inner += [(first[at] if at < len(first) else schema.get("items"), item) for at, item in enumerate(values)]
    for other, item in inner:
        yield from _schema_texts(other, shared, item)


@contextlib.contextmanager
def _hiding(hidden: Sequence[str]) -> Iterator[None]:
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
