"""Gives what was prepared the readers that its source's rule names now: it may have waited since it was prepared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from assistant.access import parse_readers
from assistant.catalog import Catalog
from assistant.ingest.prepare import Prepared, Step, Unchanged

Rules = Mapping[str, Mapping[str, Any]]


def stored_rules(catalog: Catalog, steps: Iterable[Step]) -> Rules:
    """Return the rules, as the catalog has them, of the sources of these steps; none for a source that is gone."""
    records = (catalog.sources.find(name) for name in sorted({step.job.source for step in steps}))
    return {record.name: record.readers for record in records if record is not None}


def as_ruled(step: Step, rules: Rules) -> Step:
    """Return the step with the readers that the rule names, where it is the rule that names them."""
    if not isinstance(step, Prepared | Unchanged) or step.job.parent is not None:
        return step
    from_source = step.access_from_source if isinstance(step, Unchanged) else step.version.access_from_source
    stored = rules.get(step.job.source)
    if from_source or stored is None:
        return step
    ref = step.ref if isinstance(step, Unchanged) else step.version.info.ref
    access = parse_readers(stored, f"readers of source {step.job.source!r}").access(step.job.key)
    if access == ref.access:
        return step
    ref = replace(ref, access=access)
    if isinstance(step, Unchanged):
        return replace(step, ref=ref, has_other_readers=True)
    info = replace(step.version.info, ref=ref)
    return replace(step, version=replace(step.version, info=info), has_other_readers=not step.is_new)
