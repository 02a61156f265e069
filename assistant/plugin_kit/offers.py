"""Checks on what a plugin says of itself, and on its tools, parsers and post-processors."""

from __future__ import annotations

import copy
import json
import mimetypes
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from assistant.catalog import Secret, revealed
from assistant.errors import AssistantError, ConfigurationError, EmptyDocumentError, IngestError, PluginError, ToolError
from assistant.interfaces import Parser, PostProcessor, Tool
from assistant.plugin_kit.checks import CheckFailedError, Target, check, require
from assistant.registry import PluginRegistry, check_tool
from assistant.types import API_VERSION, LOCAL_OPERATOR, DocumentRef, ToolResult

_SECRET_NAMES = re.compile(r"(^|_)(password|passwd|secret|token|api_?key|credential)s?$", re.IGNORECASE)
_TYPES = ("type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref")
_RUBBISH = b"\x00\xff\xfe%PDF{[<" + bytes(range(256)) * 8


@check("plugin")
def manifest_is_there(target: Target) -> None:
    """The module of `register` has a MANIFEST with the plugin's name, a version and a description."""
    manifest = target.manifest
    if manifest is None or not manifest.declared:
        raise CheckFailedError("there is no MANIFEST beside `register`: it would be taken to want everything")
    require(manifest.version.strip(), "the manifest has no version")
    require(manifest.description.strip(), "the manifest has no description for the admin who is to enable it")


@check("plugin")
def manifest_is_for_this_interface(target: Target) -> None:
    """The manifest is for the version of the plugin interface that this assistant has."""
    version = target.manifest.api_version if target.manifest is not None else API_VERSION
    require(version == API_VERSION, f"it is for version {version}, this is {API_VERSION}")


@check("plugin")
def something_is_offered(target: Target) -> None:
    """`register` offers something."""
    offered = (target.kinds, target.tools, target.tool_kinds, target.parsers, target.post_processors)
    require(any(offered), "`register` offered nothing")


@check("plugin")
def registering_again_offers_the_same(target: Target) -> None:
    """`register` may be called in any number of processes and registries."""
    names: list[set[str]] = []
    for _ in range(2):
        registry = PluginRegistry()
        target.module.register(registry)
        parsers = (parser.name for parser in registry.parsers)
        names.append({*registry.sources, *registry.tools, *registry.tool_kinds, *parsers})
    require(names[0] == names[1], "a second call of `register` offered something else")


@check("plugin")
def configurations_are_described(target: Target) -> None:
    """Every field of a configuration has a description: the admin's form shows it."""
    for kind, name, field in _fields(target):
        require(str(field.get("description", "")).strip(), f"{kind}: the field {name} has no description")


@check("plugin")
def configurations_refuse_unknown_fields(target: Target) -> None:
    """A field that does not exist is refused, so that a typing mistake is seen (`extra="forbid"`)."""
    for name, schema in _schemas(target):
        require(schema.get("additionalProperties") is False, f"{name}: unknown fields are ignored")


@check("plugin")
def configurations_are_json(target: Target) -> None:
    """The schema of a configuration is JSON."""
    for name, schema in _schemas(target):
        try:
            json.dumps(schema)
        except (TypeError, ValueError) as error:
            raise CheckFailedError(f"{name}: its schema is no JSON: {error}") from error


@check("plugin")
def secrets_are_declared_as_secrets(target: Target) -> None:
    """A field that is called like a secret is a SecretStr: others are stored and shown in plain."""
    for kind, name, field in _fields(target):
        hidden = '"password"' in json.dumps(field)
        require(hidden or not _SECRET_NAMES.search(name), f"{kind}: the field {name} is no SecretStr")


@check("plugin")
def secrets_are_in_the_manifest(target: Target) -> None:
    """The manifest's permissions name every secret field."""
    allowed = target.manifest.permissions.secrets if target.manifest is not None else ("*",)
    for kind, name, field in _fields(target):
        if '"password"' in json.dumps(field) and "*" not in allowed:
            require(name in allowed, f"{kind}: the manifest does not ask for the secret {name}")


@check("plugin")
def writing_is_in_the_manifest(target: Target) -> None:
    """The manifest's permissions say `writes` where a tool does."""
    allowed = target.manifest is None or target.manifest.permissions.writes
    for tool in target.tools:
        require(allowed or not tool.writes, f"the tool {tool.name} writes, and the manifest does not ask to")


@check("plugin")
def health_is_a_line(target: Target) -> None:
    """`health`, where there is one, returns one line or nothing, or raises an AssistantError."""
    health = getattr(target.module, "health", None)
    if health is not None:
        try:
            said = health()
        except AssistantError:
            return
        require(said is None or (isinstance(said, str) and "\n" not in said), f"it returned {said!r}")


@check("source", "config")
def configuration_survives_storing(scene: Any) -> None:
    """A configuration that was checked and stored is valid again, with the same values."""
    registry, kind = scene.registry, scene.kind
    first = registry.validate(kind, dict(scene.config))
    again = registry.validate(kind, json.loads(json.dumps(revealed(first))))
    require(revealed(again) == revealed(first), "the second time other values came out")


@check("source", "config", "secret")
def the_secret_is_marked(scene: Any) -> None:
    """The secret of the configuration is stored encrypted: its field is a SecretStr."""
    values = scene.registry.validate(scene.kind, dict(scene.config))
    found = list(_secrets(values))
    require(scene.secret in found, "the secret is no SecretStr of the configuration's model")


@check("source", "config")
def migrating_the_present_is_harmless(scene: Any) -> None:
    """`migrate`, where there is one, returns a valid configuration also for one of the present version."""
    migrate = getattr(scene.module, "migrate", None)
    if migrate is not None:
        values = revealed(scene.registry.validate(scene.kind, dict(scene.config)))
        migrated = migrate(scene.kind, copy.deepcopy(values), scene.version)
        try:
            scene.registry.validate(scene.kind, migrated)
        except (ConfigurationError, TypeError) as error:
            raise CheckFailedError(f"it returned what is not valid: {error}") from error


@check("tool")
def tool_can_be_offered(tool: Tool, _: Target) -> None:
    """Its name, description and schema are such that models take them."""
    require(isinstance(tool, Tool), "it has not all of name, description, parameters, writes and run")
    try:
        check_tool(tool)
        json.dumps(dict(tool.parameters))
    except (PluginError, TypeError, ValueError) as error:
        raise CheckFailedError(str(error)) from error
    require(isinstance(tool.writes, bool), "`writes` is neither True nor False")


@check("tool")
def tool_describes_its_arguments(tool: Tool, _: Target) -> None:
    """Every property of its schema has a type, and a description or values to choose from."""
    for name, field in tool.parameters.get("properties", {}).items():
        require(isinstance(field, Mapping) and any(word in field for word in _TYPES), f"{name} has no type")
        require("description" in field or "enum" in field, f"{name} has no description")


@check("tool")
def tool_refuses_missing_arguments(tool: Tool, _: Target) -> None:
    """Without an argument that is required it raises ToolError, whose text the model reads."""
    if tool.parameters.get("required"):
        _refuses(tool, {}, "no arguments")


@check("tool")
def tool_refuses_wrong_arguments(tool: Tool, target: Target) -> None:
    """For an argument of another type than its schema has it raises ToolError."""
    example = dict(target.examples.get(tool.name, {}))
    for name, field in tool.parameters.get("properties", {}).items():
        plain = isinstance(field, Mapping) and ("enum" in field or field.get("type") in {"string", "number", "integer"})
        if plain and (name in tool.parameters.get("required", ()) or name in example):
            _refuses(tool, {**example, name: {"not": ["what", "it", "is"]}}, f"{name} as an object")


@check("tool")
def tool_returns_a_result(tool: Tool, target: Target) -> None:
    """With its example it returns a ToolResult: a text, and data that is JSON."""
    for arguments in _example(tool, target):
        result = tool.run(arguments, LOCAL_OPERATOR)
        require(isinstance(result, ToolResult), f"it returned a {type(result).__name__}")
        require(isinstance(result.text, str) and result.text.strip(), "its text is empty")
        try:
            json.dumps(dict(result.data))
        except (TypeError, ValueError) as error:
            raise CheckFailedError(f"its data is no JSON: {error}") from error


@check("tool")
def tool_leaves_its_arguments_alone(tool: Tool, target: Target) -> None:
    """It does not change the arguments it is given: they are shown to the user."""
    for arguments in _example(tool, target):
        given = copy.deepcopy(arguments)
        tool.run(given, LOCAL_OPERATOR)
        require(given == arguments, f"it made {given} of {arguments}")


@check("tool")
def tool_works_in_threads(tool: Tool, target: Target) -> None:
    """A tool that does not write returns the same to several threads at once."""
    for arguments in _example(tool, target):
        if not tool.writes:
            with ThreadPoolExecutor(4) as threads:
                asked = [threads.submit(tool.run, arguments, LOCAL_OPERATOR) for _ in range(8)]
            texts = {one.result().text for one in asked}
            require(len(texts) == 1, f"it returned {len(texts)} texts for the same arguments")


@check("parser")
def parser_is_choosy(parser: Parser, _: Target) -> None:
    """A parser accepts what it reads and nothing else: one that takes everything takes others' documents."""
    ref = DocumentRef("s", "a.nothing-of-this-kind", "1", "a", "", "application/x-nothing-of-this-kind")
    require(parser.accepts(ref) is False, "it accepts a type that does not exist")
    require(parser.name and parser.version, "it has no name or no version")


@check("parser")
def parser_survives_rubbish(parser: Parser, _: Target) -> None:
    """Bytes that make no sense give a document or an error of the house, and nothing else."""
    try:
        parser.parse(_accepted(parser), _RUBBISH)
    except IngestError:
        return
    except Exception as error:
        raise CheckFailedError(f"it raised {type(error).__name__} over broken bytes: {error}") from error


@check("parser")
def parser_names_empty_documents(parser: Parser, _: Target) -> None:
    """A document without text raises EmptyDocumentError, or another error of the house."""
    try:
        document = parser.parse(_accepted(parser), b"")
    except (EmptyDocumentError, IngestError):
        return
    except Exception as error:
        raise CheckFailedError(f"it raised {type(error).__name__} over no bytes: {error}") from error
    require(document.text.strip(), "it returned a document without text")


@check("post-processor")
def post_processor_keeps_the_marks(processor: PostProcessor, _: Target) -> None:
    """The marks of citations stay, in their order."""
    text = processor.process("Who?", "Ann [1]. Bob did it too [2][3].", LOCAL_OPERATOR)
    require(isinstance(text, str), f"it returned a {type(text).__name__}")
    require(re.findall(r"\[\d\]", text) == ["[1]", "[2]", "[3]"], f"of [1], [2], [3] this is left: {text!r}")


@check("post-processor")
def post_processor_takes_any_text(processor: PostProcessor, _: Target) -> None:
    """An empty answer and one with other letters are processed as well."""
    for text in ("", "ü ☃ \u200b", "x" * 100_000):
        require(isinstance(processor.process("", text, LOCAL_OPERATOR), str), "it returned no text")


def _schemas(target: Target) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the name and the configuration's schema of every kind of source and of tool."""
    for name, kind in target.kinds.items():
        yield name, kind.schema()
    yield from target.tool_kinds.items()


def _fields(target: Target) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield kind, name and schema of every field of the plugin's configurations, at any depth."""
    for kind, schema in _schemas(target):
        for part in (schema, *schema.get("$defs", {}).values()):
            for name, field in part.get("properties", {}).items():
                yield kind, name, field


def _secrets(value: Any) -> Iterator[str]:
    match value:
        case Secret():
            yield str(value.reveal())
        case Mapping():
            for item in value.values():
                yield from _secrets(item)
        case list():
            for item in value:
                yield from _secrets(item)


def _example(tool: Tool, target: Target) -> Iterator[dict[str, Any]]:
    if tool.name in target.examples:
        yield copy.deepcopy(dict(target.examples[tool.name]))


def _accepted(parser: Parser) -> DocumentRef:
    """Return a document of a type that the parser accepts, if it is one of the common ones."""
    for suffix, media_type in sorted(mimetypes.MimeTypes(()).types_map[True].items()):
        ref = DocumentRef("s", f"a{suffix}", "1", "a", "", media_type)
        if parser.accepts(ref):
            return ref
    return DocumentRef("s", "a", "1", "a", "", "application/octet-stream")


def _refuses(tool: Tool, arguments: dict[str, Any], what: str) -> None:
    try:
        tool.run(arguments, LOCAL_OPERATOR)
    except ToolError:
        return
    except Exception as error:
        raise CheckFailedError(f"{what}: it raised {type(error).__name__} and not ToolError: {error}") from error
    raise CheckFailedError(f"{what}: it raised nothing")
