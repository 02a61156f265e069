"""Says how much a document reads like orders to an assistant, with what it hides from its readers."""

from __future__ import annotations

from dataclasses import replace

from assistant.catalog import Found
from assistant.catalog.documents import NewVersion
from assistant.injection import Judgement, judged
from assistant.types import Document


def suspicion_of(document: Document) -> Judgement:
    """Judge a document by all that reaches a model of it: its text, its title and its key, and by what it hides.

    What is hidden stands among the signs by its kind; by itself it weighs nothing.
    """
    ref = document.ref
    found = judged(f"{ref.title}\n{ref.key}\n{document.own_text}", [one.text for one in document.hidden])
    hidden: dict[str, int] = {}
    for one in document.hidden:
        hidden[f"hidden:{one.kind}"] = hidden.get(f"hidden:{one.kind}", 0) + one.count
    return replace(found, signs={**found.signs, **hidden})


def found_in(version: NewVersion) -> Found:
    """Return what the catalog is to keep of a version that is current."""
    return Found(version.info.ref.id, version.judgement, version.content, version.run_id)
