"""Names what makes a document's chunks, so that its change is noticed: `parser/version+chunker+what follows`."""

from __future__ import annotations

from assistant.interfaces import Chunker, Parser, Structure
from assistant.registry import PluginRegistry
from assistant.types import DocumentRef

_AFTER_CHUNKER = ("+captions/", "+max_bytes=")  # what such a name goes on with behind the chunker


def pipeline_version(registry: PluginRegistry, chunker: Chunker, ref: DocumentRef, pictures: str = "") -> str:
    """Return what made (or would make) this document's chunks: its parser's version and the chunker's.

    Where a pack finds headings in it, `parser/version~structure/version` stands for the parser.

    Args:
        registry: knows the parser and the packs.
        chunker: cuts the text.
        ref: the document.
        pictures: `Pictures.version`, empty where its pictures are not described.

    Raises:
        UnsupportedFormatError: no parser accepts it.
    """
    parser = registry.parser_for(ref)
    structure = registry.packs.structure(ref)
    found = f"~{structure.name}/{structure.version}" if structure else ""
    return f"{parser.name}/{parser.version}{found}+{chunker.version}{pictures}"


def whole_pipeline(registry: PluginRegistry, chunker: Chunker, limits: str) -> str:
    """Return what decides whether a document that failed would fail again."""
    used: tuple[Parser | Structure, ...] = (*registry.parsers, *registry.packs.structures())
    parsers = ",".join(sorted(f"{one.name}/{one.version}" for one in used))
    return f"{parsers}+{chunker.version}+{limits}"


def chunker_of(pipeline: str) -> str:
    """Return the chunker's version that a document's or a failed job's pipeline names."""
    return _parted(pipeline)[1]


def with_chunker(pipeline: str, chunker_version: str) -> str:
    """Return a document's or a failed job's pipeline with this chunker in place of the one it names."""
    parser, _, rest = _parted(pipeline)
    return f"{parser}+{chunker_version}{rest}"


def _parted(pipeline: str) -> tuple[str, str, str]:
    """Return a pipeline's parser, its chunker, and the rest with its `+`."""
    parser, _, rest = pipeline.partition("+")
    ends = [at for mark in _AFTER_CHUNKER if (at := f"+{rest}".find(mark)) >= 0]
    end = min(ends, default=len(rest) + 1)
    return parser, f"+{rest}"[1:end], f"+{rest}"[end:]
