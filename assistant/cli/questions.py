"""Questions that are kept to measure answers with: `eval questions`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.output import JsonOption, names, opened, out, print_json, print_table, when
from assistant.cli.wording import counted, escaped
from assistant.errors import ConfigurationError
from assistant.evaluation.cases import AnswerCase, Quote, case_row, load_cases
from assistant.evaluation.runs import write_private
from assistant.types import LOCAL_OPERATOR, User
from assistant.wire.evaluation import FeedbackJson, KeptQuestionJson, KeptQuestionsJson

group = typer.Typer(help="Questions that are kept to measure answers with.", no_args_is_help=True)

DocumentsOption = Annotated[
    list[str] | None,
    typer.Option("--document", metavar="NAME", help="A document that answers it; may be given again."),
]
QuotesOption = Annotated[
    list[str] | None, typer.Option("--quote", metavar="TEXT", help="Words there that answer it; may be given again.")
]
FactsOption = Annotated[
    list[str] | None, typer.Option("--fact", metavar="TEXT", help="What the answer must hold; may be given again.")
]


@group.command("add")
def add(
    question: Annotated[str | None, typer.Argument(metavar="QUESTION", help="The question.")] = None,
    feedback: Annotated[
        str | None, typer.Option("--feedback", metavar="ID", help="Keep the question of this feedback.")
    ] = None,
    documents: DocumentsOption = None,
    quotes: QuotesOption = None,
    facts: FactsOption = None,
    unanswerable: Annotated[
        bool, typer.Option("--unanswerable", help="The documents do not say; the answer has to be a refusal.")
    ] = False,
    user: Annotated[str | None, typer.Option("--user", metavar="ID", help="Ask it as this person.")] = None,
    groups: Annotated[str | None, typer.Option("--groups", metavar="A,B", help="Ask it with these groups.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Keep a question, of your own or of feedback, with what its answer should be."""
    if (question is None) == (feedback is None):
        raise typer.BadParameter("give a question, or --feedback with the id of one (`eval questions feedback`)")
    if question is not None and not question.strip():
        raise typer.BadParameter("the question is empty")
    named = user is not None or groups is not None
    case = AnswerCase(
        question=question or "",
        documents=tuple(documents or ()),
        facts=tuple(facts or ()),
        answerable=not unanswerable,
        quotes=tuple(Quote(text) for text in quotes or ()),
        reader=User(user or "command-line", frozenset(names(groups or ""))) if named else None,
    )
    with opened() as app:
        desk = app.question_desk
        if feedback is None:
            kept = desk.keep(LOCAL_OPERATOR, [case])[0]
        else:
            kept = desk.keep_feedback(LOCAL_OPERATOR, feedback, case)
    if as_json:
        print_json(KeptQuestionJson.of(kept))
        return
    out.print(f"kept {kept.record.id}: {escaped(kept.case.question)}", markup=False)


@group.command("list")
def list_questions(as_json: JsonOption = False) -> None:
    """List the kept questions, oldest first."""
    with opened() as app:
        kept = [KeptQuestionJson.of(each) for each in app.question_desk.questions(LOCAL_OPERATOR)]
    if as_json:
        print_json(KeptQuestionsJson(questions=kept))
        return
    print_table(
        ("id", "question", "documents", "quotes", "facts", "answerable", "asked as", "from", "added by", "added"),
        (
            (
                each.id,
                each.question[:100],
                ", ".join(each.documents),
                len(each.quotes),
                len(each.facts),
                "yes" if each.answerable else "no",
                f"{each.reader.id} ({', '.join(each.reader.groups)})" if each.reader else "",
                each.origin,
                each.added_by,
                when(each.added_at),
            )
            for each in kept
        ),
        "No questions are kept yet: `assistant eval questions add QUESTION` keeps one.",
    )


@group.command("feedback")
def list_feedback(
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="At most so many.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List what people said of answers, newest first."""
    with opened() as app:
        shown = [FeedbackJson.shown(each) for each in app.question_desk.feedback(LOCAL_OPERATOR, limit)]
    if as_json:
        sys.stdout.write(json.dumps({"feedback": [each.model_dump() for each in shown]}, indent=2) + "\n")
        return
    print_table(
        ("id", "verdict", "question", "reason", "by", "when"),
        ((f.id, f.verdict, f.question[:100], f.reason[:100], f.user, when(f.created_at)) for f in shown),
        "Nobody has said anything of an answer yet.",
    )


@group.command("remove")
def remove(
    question_id: Annotated[str, typer.Argument(metavar="ID", help="The question's; see `eval questions list`.")],
) -> None:
    """Forget a kept question."""
    with opened() as app:
        app.question_desk.remove(LOCAL_OPERATOR, question_id)
    out.print(f"removed {escaped(question_id)}", markup=False)


@group.command("export")
def export(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="A JSONL file to write.")],
) -> None:
    """Write the kept questions to a file that `eval answers` and `eval questions import` read."""
    with opened() as app:
        cases = [each.case for each in app.question_desk.questions(LOCAL_OPERATOR)]
    if not cases:
        raise ConfigurationError("no questions are kept", "`assistant eval questions add` keeps one")
    lines = "".join(json.dumps(case_row(case), ensure_ascii=False) + "\n" for case in cases)
    write_private(target, lines.encode("utf-8", "replace"))
    out.print(f"{escaped(str(target))}: {counted(len(cases), 'question')}", markup=False)


@group.command("import")
def import_questions(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Questions as JSON or JSON lines.")],
    as_json: JsonOption = False,
) -> None:
    """Keep all questions of a file, or none where one of them is kept already."""
    cases = load_cases(file)
    with opened() as app:
        kept = app.question_desk.keep(LOCAL_OPERATOR, cases, "import")
    if as_json:
        print_json(KeptQuestionsJson(questions=[KeptQuestionJson.of(each) for each in kept]))
        return
    out.print(f"{counted(len(kept), 'question')} kept", markup=False)
