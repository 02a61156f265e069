"""Goes through documents with a teacher: questions, answers, the check, and the files."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from assistant.answer import Retriever
from assistant.distillation.files import RunFiles
from assistant.distillation.lesson import Lesson
from assistant.distillation.licences import Licence
from assistant.distillation.outcomes import REASONS, Options, Part, Record, Yield
from assistant.distillation.rows import chat_row, question_row
from assistant.distillation.teacher import Teacher
from assistant.errors import ConfigurationError, ModelServerError
from assistant.evaluation.runs import now
from assistant.types import EVERYONE, Document, DocumentInfo, User

log = logging.getLogger(__name__)
_SPARE = 1  # refusals over the share that is wanted: the first one may come before its answers
_FRUITLESS = 5  # documents in a row that the teacher refuses or answers with something else: then it never will


class Library(Protocol):
    """Reads documents for a user; `assistant.access.Library` does."""

    def documents(self, user: User, sources: Sequence[str] | None = None) -> list[DocumentInfo]:
        """Return the documents that the user may read."""
        ...

    def read(self, source: str, key: str, user: User) -> Document:
        """Return a document's current text. Raises NotFoundError."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: documents done of all, and records there are of those that are wanted (None: any number)."""

    documents: int
    total: int
    records: int
    wanted: int | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What the files hold after a run, with what earlier ones left there.

    Attributes:
        train, validation: the files.
        about: the file that describes them.
        teacher, licence: whose words they are.
        records: how many there are, by part.
        kinds: how many of them are answers, and refusals.
        dropped: how many questions were dropped, by reason; see `REASONS`.
        documents: how many were read.
        changed: how many have changed since they were read; their records are of the former version.
        readers: principals that may read all that the records were made from; None: everybody.
        denied: principals that may not read some of it.
    """

    train: Path
    validation: Path
    about: Path
    teacher: str
    licence: Licence
    records: Mapping[str, int]
    kinds: Mapping[str, int]
    dropped: Mapping[str, int]
    documents: int
    changed: int
    readers: tuple[str, ...] | None
    denied: tuple[str, ...]


class Distiller:
    """Makes records of documents.

    Args:
        teacher: writes questions and answers.
        licence: of the teacher.
        retriever: finds passages.
        library: reads documents.
        key: a secret of this installation, for the fences in prompts; another one than that of people's questions, so
            that the files give none of those away.
        depth: how many passages are searched for a question.
    """

    def __init__(
        self, teacher: Teacher, licence: Licence, retriever: Retriever, library: Library, key: bytes, depth: int
    ) -> None:
        self._teacher, self._licence, self._library = teacher, licence, library
        self._retriever, self._key, self._depth = retriever, key, depth

    def run(
        self,
        path: Path,
        options: Options,
        user: User,
        *,
        at_once: int = 4,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Summary:
        """Write records until there are enough, or every document was read. What is there already is not made again.

        Args:
            path: see `RunFiles`.
            options: what is wanted.
            user: only what this user may read is read.
            at_once: documents that are worked on at the same time.
            on_progress: called after each document.

        Raises:
            ConfigurationError: no document of these sources may be read, or as `RunFiles`.
            ModelServerError: the teacher does not answer, or with nothing that can be used; what was written is kept.
        """
        infos = self._library.documents(user, options.sources)
        if not infos:
            raise ConfigurationError(
                f"no documents of {', '.join(options.sources)} that you may read", "see `assistant documents list`"
            )
        told = asdict(options) | {"sources": sorted(options.sources), "reader": sorted(user.principals)}
        del told["count"]
        name = self._teacher.member.model.describe().name
        with RunFiles(path, told | {"teacher": name}) as files:
            try:
                self._fill(files, infos, options, user, at_once, on_progress)
            finally:
                summary = self._summary(files, infos, name)
                files.describe(_described(summary, options))
        return summary

    def _fill(
        self,
        files: RunFiles,
        infos: list[DocumentInfo],
        options: Options,
        user: User,
        at_once: int,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        lesson = Lesson(self._teacher, self._retriever, self._library, self._key, self._depth, options, user)
        left = [info for info in infos if info.ref.id not in files.kept.documents]
        left.sort(key=lambda info: options.share(info.ref.id, "order"))
        fruitless = Fruitless(self._teacher.member.profile.key)

        def enough() -> bool:
            return options.count is not None and files.kept.records >= options.count

        if enough():
            return
        for found in _in_order(lesson.teach, left, at_once):
            self._write(files, found, options)
            if on_progress is not None:
                kept = files.kept
                on_progress(Progress(len(kept.documents), len(infos), kept.records, options.count))
            fruitless.see(found)
            if enough():
                return

    def _write(self, files: RunFiles, found: Yield, options: Options) -> None:
        """Write what a document gave, without what was asked before and what is too many."""
        part = options.part_of(found.ref.id)
        name = self._teacher.member.model.name
        rows: list[tuple[Part, dict[str, Any]]] = []
        allowed: frozenset[str] | None = None
        denied = frozenset[str]()
        for record in self._chosen(files, found, options):
            if options.shape == "chat":
                rows.append((part, chat_row(record, part, name, self._licence)))
            else:
                rows.append((part, question_row(record, name, self._licence)))
            for ref in (record.asked.ref, *(passage.ref for passage in record.read)):
                denied |= ref.access.deny
                if EVERYONE not in ref.access.allow:
                    allowed = ref.access.allow if allowed is None else allowed & ref.access.allow
        line = {"document": found.ref.id, "version": found.ref.version, "dropped": found.dropped}
        readers = None if allowed is None else sorted(allowed)
        files.write(rows, {**line, "readers": readers, "denied": sorted(denied)})

    def _chosen(self, files: RunFiles, found: Yield, options: Options) -> list[Record]:
        """Return the records to write, answers first: a teacher whose answers fail is not to leave refusals alone."""
        chosen: list[Record] = []
        seen, refusals = set(files.kept.questions), files.kept.kinds["refusal"]
        for record in sorted(found.records, key=lambda one: one.asked.kind):
            records = files.kept.records + len(chosen)
            refused = record.asked.kind == "refusal"
            if record.asked.id in seen:
                found.drop("twice")
            elif options.count is not None and records >= options.count:
                found.drop("too_many")
            elif refused and refusals + 1 > options.unanswerable * (records + 1) + _SPARE:
                found.drop("balance")
            else:
                seen.add(record.asked.id)
                refusals += refused
                chosen.append(record)
        return chosen

    def _summary(self, files: RunFiles, infos: list[DocumentInfo], teacher: str) -> Summary:
        kept = files.kept
        versions = {info.ref.id: info.ref.version for info in infos}
        return Summary(
            train=files.paths["train"],
            validation=files.paths["validation"],
            about=files.about,
            teacher=teacher,
            licence=self._licence,
            records={part: kept.parts[part] for part in files.paths},
            kinds={kind: kept.kinds[kind] for kind in ("answer", "refusal")},
            dropped={reason: kept.dropped[reason] for reason in REASONS if kept.dropped[reason]},
            documents=len(kept.documents),
            changed=sum(versions.get(document, version) != version for document, version in kept.documents.items()),
            readers=None if kept.readers is None else tuple(sorted(kept.readers)),
            denied=tuple(sorted(kept.denied)),
        )


class Fruitless:
    """Ends a run whose teacher gives nothing that can be read.

    Args:
        teacher: its name in the settings.
    """

    def __init__(self, teacher: str) -> None:
        self._teacher = teacher
        self._times = 0

    def see(self, found: Yield) -> None:
        """Look at what a document gave. Raises ModelServerError after some in a row that gave nothing readable."""
        useless = bool(found.dropped) and not found.records and found.dropped.keys() <= {"unreadable", "server"}
        self._times = self._times + 1 if useless else 0
        if self._times >= _FRUITLESS:
            raise ModelServerError(
                f"the teacher {self._teacher} gave nothing that can be read for {self._times} documents in a row "
                f"({' and '.join(REASONS[reason] for reason in found.dropped)})",
                "take a larger model, or raise answer_tokens if it thinks for long",
            )


def _in_order(teach: Callable[[DocumentInfo], Yield], infos: Iterable[DocumentInfo], at_once: int) -> Iterator[Yield]:
    """Yield what each document gives, in their order, some of them worked on at a time; no more begin than needed."""
    waiting: deque[Future[Yield]] = deque()
    with ThreadPoolExecutor(at_once, thread_name_prefix="distill") as pool:
        try:
            for info in infos:
                waiting.append(pool.submit(teach, info))
                if len(waiting) >= at_once:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _described(summary: Summary, options: Options) -> dict[str, Any]:
    """Return what stands beside the records."""
    licence = summary.licence
    return {
        "made": now(),
        "teacher": {"model": summary.teacher, "licence": licence.name, "note": licence.note},
        "records": dict(summary.records),
        "kinds": dict(summary.kinds),
        "documents": summary.documents,
        "changed_documents": summary.changed,
        "dropped": [
            {"reason": reason, "questions": times, "meaning": REASONS[reason]}
            for reason, times in Counter(summary.dropped).most_common()
        ],
        "readers": ["group:everyone"] if summary.readers is None else list(summary.readers),
        "denied": list(summary.denied),
        "options": asdict(options),
    }
