"""`distill`: a teacher's questions and answers on documents, checked, for fine-tuning or for measuring answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from assistant.app.distilling import make_distiller
from assistant.cli.output import GroupsOption, JsonOption, err, opened, out, print_json, reader, shown_bar
from assistant.cli.wording import counted, escaped
from assistant.distillation import REASONS, Options, Progress, Summary
from assistant.distillation.outcomes import Shape
from assistant.errors import ConfigurationError

_OPTIONS = Options(sources=())

ShapeOption = Annotated[
    Shape, typer.Option("--as", help="Records in the chat format for fine-tuning, or questions for `eval answers`.")
]
CountOption = Annotated[int | None, typer.Option("--count", min=1, metavar="N", help="Stop after so many records.")]
QuestionsOption = Annotated[
    int, typer.Option("--questions-per-document", min=1, max=100, metavar="N", help="Questions of each document.")
]
UnanswerableOption = Annotated[
    float, typer.Option("--unanswerable", min=0, max=1, metavar="SHARE", help="Share that the documents do not answer.")
]
ValidationOption = Annotated[
    float, typer.Option("--validation", min=0, max=0.9, metavar="SHARE", help="Share of documents kept apart.")
]
TeacherOption = Annotated[
    str, typer.Option("--teacher", metavar="NAME", help="The model that teaches; default: the one with that role.")
]
LicenceOption = Annotated[
    str, typer.Option("--licence", metavar="NAME", help="The teacher's licence, where it is not known here.")
]
BudgetOption = Annotated[int, typer.Option("--budget", min=100, metavar="N", help="Tokens of passages in a prompt.")]
KeepUnknownOption = Annotated[
    bool, typer.Option("--keep-unknown", help="Keep answers of which no rule can tell whether they follow.")
]
SeedOption = Annotated[int, typer.Option("--seed", metavar="N", help="Another choice of documents and places.")]
AtOnceOption = Annotated[
    int, typer.Option("--at-once", min=1, max=64, metavar="N", help="Documents worked on at the same time.")
]


class TeacherJson(BaseModel):
    """Whose words the records are, and what its licence asks."""

    model: str
    licence: str
    note: str


class DistilledJson(BaseModel):
    """What the files hold. `readers` are principals that may read all that the records were made from."""

    file: str
    validation_file: str | None
    about_file: str
    records: dict[str, int]
    kinds: dict[str, int]
    dropped: dict[str, int]
    documents: int
    changed_documents: int
    teacher: TeacherJson
    readers: list[str]
    denied: list[str]

    @classmethod
    def of(cls, summary: Summary, shape: Shape) -> DistilledJson:
        """Return the JSON of a summary."""
        return cls(
            file=str(summary.train),
            validation_file=str(summary.validation) if shape == "chat" else None,
            about_file=str(summary.about),
            records=dict(summary.records),
            kinds=dict(summary.kinds),
            dropped=dict(summary.dropped),
            documents=summary.documents,
            changed_documents=summary.changed,
            teacher=TeacherJson(model=summary.teacher, licence=summary.licence.name, note=summary.licence.note),
            readers=["group:everyone"] if summary.readers is None else list(summary.readers),
            denied=list(summary.denied),
        )


def distill(
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write (JSON lines), or to go on with.")],
    sources: Annotated[
        list[str], typer.Option("--source", metavar="NAME", help="A source to learn from; may be given again.")
    ],
    shape: ShapeOption = _OPTIONS.shape,
    count: CountOption = None,
    questions: QuestionsOption = _OPTIONS.questions,
    unanswerable: UnanswerableOption = _OPTIONS.unanswerable,
    validation: ValidationOption = _OPTIONS.validation,
    teacher: TeacherOption = "",
    licence: LicenceOption = "",
    budget: BudgetOption = _OPTIONS.budget,
    keep_unknown: KeepUnknownOption = False,
    seed: SeedOption = 0,
    at_once: AtOnceOption = 4,
    groups: GroupsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have a teacher write questions and answers on documents, and keep those that stand the citation check."""
    options = Options(
        sources=tuple(dict.fromkeys(sources)),
        shape=shape,
        count=count,
        questions=questions,
        unanswerable=unanswerable,
        validation=validation,
        seed=seed,
        budget=budget,
        keep_unknown=keep_unknown,
    )
    summary = _run(target, options, groups, teacher, licence, at_once, show=not as_json)
    if as_json:
        print_json(DistilledJson.of(summary, shape))
    else:
        _print(summary, shape)
    if not sum(summary.records.values()):
        why = "; ".join(f"{n:,} times {REASONS[reason]}" for reason, n in summary.dropped.items()) or "no text in them"
        raise ConfigurationError(f"no record could be made of {counted(summary.documents, 'document')}: {why}")


def _run(
    target: Path, options: Options, groups: str | None, teacher: str, licence: str, at_once: int, *, show: bool
) -> Summary:
    user = reader(groups)
    with opened() as app:
        for name in options.sources:
            app.catalog.sources.get(name)
        distiller = make_distiller(
            app.settings,
            app.catalog,
            app.herd,
            app.retriever,
            app.library,
            user,
            teacher=teacher,
            licence=licence,
        )
        with shown_bar("distilling", show=show) as update:

            def after_each(done: Progress) -> None:
                if update is None:
                    return
                if done.wanted is None:
                    update(completed=done.documents, total=done.total)
                else:
                    update(completed=done.records, total=done.wanted)

            return distiller.run(target, options, user, at_once=at_once, on_progress=after_each)


def _print(summary: Summary, shape: Shape) -> None:
    """Say what there is on stdout, and what was dropped and has to be known on stderr."""
    files = [f"{escaped(str(summary.train))}: {counted(summary.records['train'], 'record')}"]
    if shape == "chat":
        files.append(f"{escaped(str(summary.validation))}: {counted(summary.records['validation'], 'record')}")
    for line in files:
        out.print(line, markup=False)
    kinds = f"{counted(summary.kinds['answer'], 'answer')}, {counted(summary.kinds['refusal'], 'refusal')}"
    out.print(f"{kinds}, of {counted(summary.documents, 'document')}", markup=False)
    for reason, times in summary.dropped.items():
        err.print(f"dropped {times:,}: {REASONS[reason]}", markup=False, soft_wrap=True)
    if summary.changed:
        told = f"{counted(summary.changed, 'document')} changed since; their records are of the former version"
        err.print(f"note: {told}", markup=False, soft_wrap=True)
    if summary.readers is not None or summary.denied:
        who = ", ".join(summary.readers or ()) or ("nobody" if summary.readers is not None else "everybody")
        but = f", but for {', '.join(summary.denied)}" if summary.denied else ""
        told = f"a model that is trained on this knows what only these may read: {who}{but}; give it to nobody else"
        err.print(f"note: {escaped(told)}", markup=False, soft_wrap=True)
    licence = summary.licence
    note = f": {licence.note}" if licence.note else ""
    told = f"written by {summary.teacher}, licence {licence.name}{note}"
    err.print(f"licence: {escaped(told)}", markup=False, soft_wrap=True)
