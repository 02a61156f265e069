"""Ingests by stages: parse, embed, delete. Any number of workers take turns at each, over all sources and runs.

What passes from one stage to the next is recorded in the catalog, and what was prepared waits in the blob store; a
message between workers says no more than that something waits.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby

from assistant.access.stored_text import prepared_key
from assistant.catalog import JobRecord
from assistant.catalog.records import Stage
from assistant.errors import AssistantError, DamagedDocumentError, NotFoundError
from assistant.ingest.commit import Committer
from assistant.ingest.leases import Leases
from assistant.ingest.meter import Meter
from assistant.ingest.owners import new_worker
from assistant.ingest.packing import pack, unpack
from assistant.ingest.pipeline import Pipeline
from assistant.ingest.prepare import Gone, Prepared, Step

log = logging.getLogger(__name__)
_PARSED_FIRST = 4  # documents of a turn's first claim
_PARSED_TOGETHER = 16  # of a claim, where those before were parsed soon
_SOON = 0.5  # seconds that a claim takes
_WORTH_A_WORKER = 16  # documents to embed or delete
_HANDED_OVER_EVERY = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many more workers a stage has work for, and whether nobody is at work on it."""

    workers: int
    is_idle: bool


class StagedWork:
    """Does the stages. Safe to call from several threads and processes.

    Every call is a turn: it ends when nothing waits, or after some seconds, so that others may have its place. What
    was claimed and not begun by then is given back.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._catalog = pipeline.catalog
        self._limits = pipeline.limits

    def parse(self, least_priority: int = 0) -> int:
        """Fetch, parse and cut documents; those that are to be embedded wait for it, the others are finished.

        Nothing is begun while more documents than `Limits.most_prepared` wait for the embedder.

        Args:
            least_priority: only documents of this priority or a higher one.

        Returns:
            how many jobs were done.

        Raises:
            StorageError, IndexUnavailableError: nothing is lost, what is left is done by another turn.
        """
        done = 0
        with closing(self._turn("parse", _PARSED_TOGETHER, least_priority, first=_PARSED_FIRST)) as turn:
            for jobs, leases, ends in turn:
                for group in _by_run(jobs):
                    done += self._parse(group, leases, ends)
        return done

    def embed(self) -> int:
        """Embed what was parsed, in batches over all documents, and make it current. As `parse`."""
        done = 0
        with closing(self._turn("embed", self._limits.batch_chunks)) as turn:
            for jobs, leases, _ in turn:
                for group in self._prepared(jobs):
                    self._commit(group, leases)
                    leases.advanced()
                    done += len(group)
        return done

    def delete(self) -> int:
        """Remove documents. As `parse`."""
        done = 0
        with closing(self._turn("delete", self._limits.batch_documents)) as turn:
            for jobs, leases, _ in turn:
                for group in _by_run(jobs):
                    self._commit([Gone(job) for job in group], leases)
                    leases.advanced()
                    done += len(group)
        return done

    def wanted(self, most: int) -> dict[Stage, Wanted]:
        """Return by stage how many more workers there is work for.

        Args:
            most: how many are to be at work on a stage at once. One more is wanted for what a person waits for.
        """
        waiting = self._catalog.stages.waiting(max(most * _WORTH_A_WORKER, self._limits.most_prepared))
        wanted: dict[Stage, Wanted] = {}
        for stage, there in waiting.items():
            is_full = stage == "parse" and waiting["embed"].jobs >= self._limits.most_prepared
            if is_full:
                more = 0
            elif stage == "parse":  # a document may take minutes, and those who are at work have others
                more = max(0, min(most - there.workers, math.ceil(there.jobs / _PARSED_FIRST)))
            else:
                more = max(0, min(most, math.ceil(there.jobs / _WORTH_A_WORKER)) - there.workers)
            if there.urgent and not is_full:
                more = max(more, 1)
            wanted[stage] = Wanted(more, there.workers == 0)
        return wanted

    def _turn(
        self, stage: Stage, most: int, least_priority: int = 0, first: int | None = None
    ) -> Generator[tuple[list[JobRecord], Leases, float], None, None]:
        """Yield what is claimed, until nothing waits or the turn is over.

        Args:
            stage: which one.
            most: so many jobs are claimed together.
            least_priority: none of a lower priority.
            first: so many are claimed at first, and again while they take long: the others have theirs to do then,
                where a worker that held the last of them would leave them idle.
        """
        owner = new_worker()
        size = first or most
        ends = time.monotonic() + self._limits.turn_seconds
        stages, stopping = self._catalog.stages, self._pipeline.stopping
        try:
            with self._pipeline.leases(owner) as leases:
                while not stopping.is_set() and time.monotonic() < ends:
                    if stage == "parse" and stages.backlog() >= self._limits.most_prepared:
                        return
                    jobs = stages.claim(stage, owner, size, self._limits.lease_seconds, least_priority)
                    if not jobs:
                        return
                    self._pipeline.check_index()
                    began = time.monotonic()
                    yield self._pipeline.bearable(jobs), leases, ends
                    size = min(most, 2 * size) if time.monotonic() - began < _SOON else first or most
        finally:
            self._pipeline.give_back(owner)

    def _parse(self, jobs: Sequence[JobRecord], leases: Leases, ends: float) -> int:
        """Parse jobs of one run. Returns how many were done."""
        run_id = jobs[0].run_id
        source = self._catalog.sources.find(jobs[0].source)
        if source is None:
            self._catalog.runs.finish(run_id, "interrupted", "the source was removed")
            return 0
        meter, done = Meter(), 0
        try:
            committer = self._pipeline.committer(source, meter, leases.advanced)
            steps = self._pipeline.steps(source, jobs, meter, leases.advanced, ends)
            for group in self._in_time(steps, leases):
                self._hand_over([step for step in group if isinstance(step, Prepared)], committer)
                if others := [step for step in group if not isinstance(step, Prepared)]:
                    committer.commit(others)
                done += len(group)
        except AssistantError as error:
            if error.retryable or self._pipeline.stopping.is_set():
                raise
            self._catalog.runs.finish(run_id, "failed", str(error))
            log.error("source %s: %s", source.name, error)  # of one source; the others' documents go on
        finally:
            self._catalog.runs.measured(run_id, meter.take())  # of what could not be handed over
        self._catalog.runs.finish_if_complete(run_id)
        return done

    def _in_time(self, steps: Iterable[Step], leases: Leases) -> Iterator[list[Step]]:
        """Yield the steps in groups, each soon after its first."""
        group: list[Step] = []
        since = time.monotonic()
        for step in steps:
            if self._pipeline.stopping.is_set():
                break  # a stop may have cut this step short, which is no fault of its document
            leases.advanced()
            group.append(step)
            if time.monotonic() - since > _HANDED_OVER_EVERY:
                yield group
                group, since = [], time.monotonic()
        if group:
            yield group

    def _hand_over(self, steps: Sequence[Prepared], committer: Committer) -> None:
        if not steps:
            return
        prepared: dict[int, tuple[int, str]] = {}
        for step in steps:
            blob = prepared_key(step.version.info.ref)
            self._pipeline.blobs.put(blob, pack(step))
            committer.advanced()
            prepared[step.job.id] = step.job.attempts, blob
        passed = self._catalog.stages.hand_over(steps[0].job.run_id, prepared, committer.meter.take())
        for step in steps:
            if step.job.id not in passed:
                self._pipeline.blobs.delete(prepared_key(step.version.info.ref))
                committer.drop(step)

    def _prepared(self, jobs: Sequence[JobRecord]) -> Iterator[list[Prepared]]:
        """Yield what was prepared for the jobs, in groups of about `batch_chunks` chunks."""
        group: list[Prepared] = []
        lost: list[JobRecord] = []
        for job in jobs:
            try:
                group.append(unpack(self._pipeline.blobs.get(job.prepared), job))
            except (NotFoundError, DamagedDocumentError) as error:
                log.warning("%s is parsed again: %s", job.key, error)
                lost.append(job)
            if sum(len(step.texts) for step in group) >= self._limits.batch_chunks:
                yield group
                group = []
        if group:
            yield group
        self._catalog.stages.send_back(lost)

    def _commit(self, steps: Sequence[Step], leases: Leases) -> None:
        """Make steps current, whatever runs they are of, and close the runs that are complete by that."""
        self._pipeline.committer(None, Meter(), leases.advanced).commit(steps)
        for run_id in dict.fromkeys(step.job.run_id for step in steps):
            self._catalog.runs.finish_if_complete(run_id)


def _by_run(jobs: Sequence[JobRecord]) -> Iterator[list[JobRecord]]:
    """Yield the jobs of each run, which are of one source, the most urgent run first."""
    order = {run_id: at for at, run_id in enumerate(dict.fromkeys(job.run_id for job in jobs))}
    for _, group in groupby(sorted(jobs, key=lambda job: order[job.run_id]), key=lambda job: job.run_id):
        yield list(group)
