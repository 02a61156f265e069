"""What commands print: keys as they are, and one line on whatever goes wrong."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from assistant import cli
from assistant.cli import output
from assistant.ingest import Progress
from tests.cli.conftest import Run, json_of

ODD = "notes [draft] [/b].md"


def test_brackets_in_a_key_are_no_markup(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(output, "out", Console(width=200))
    output.print_table(("key",), [(ODD,)])
    assert ODD in capsys.readouterr().out
    monkeypatch.setattr(output, "err", Console(file=io.StringIO(), force_terminal=True, width=200))
    with output.progress_bar(show=True) as on_progress:
        assert on_progress is not None
        on_progress(Progress(1, 2, ODD))


def test_what_nobody_foresaw_is_one_line_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise KeyError("first\nsecond")

    monkeypatch.setattr(cli, "app", fail)
    monkeypatch.setattr(sys, "argv", ["assistant", "up"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: KeyError: ")


def test_an_argument_that_is_not_text_is_wrong_usage(assistant: Run, folder: Path, tmp_path: Path) -> None:
    result = assistant("documents", "text", "docs", "\udcff")
    assert (result.returncode, result.stderr) == (2, "error: the argument '\\udcff' is not UTF-8\n")


def test_a_folder_without_documents_is_said(assistant: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = assistant("ingest", tmp_path / "empty")
    assert result.returncode == 1
    assert result.stderr == (
        f"error: no document of {tmp_path / 'empty'} could be indexed (there are no files in it but hidden ones)\n"
    )


def test_a_reader_that_closes_the_pipe_gets_no_traceback(assistant: Run, folder: Path, assistant_home: Path) -> None:
    (folder / ODD).parent.mkdir()
    (folder / ODD).write_text("Notes on brackets.\n")
    json_of(assistant("ingest", folder / ".." / folder.name, "--json"))
    listed = assistant("documents", "list").stdout
    assert ODD in listed
    assert listed.splitlines()[1].startswith(f"{folder.name} ")
    command = f"{sys.executable} -m assistant.cli documents list --json | true"
    shell = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)  # noqa: S602 - a pipe
    assert shell.stderr == ""
