"""What is asked of tesseract and made of its answers, with a tesseract that is made up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from assistant.parsing.pictures import tesseract

PAGE = Image.new("RGB", (400, 200), "white")
BOXES = [(10.0, 10.0, 300.0, 40.0), (10.0, 60.0, 300.0, 90.0)]
HEAD = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"


def word(page: int, left: int, width: int, confidence: float, text: str) -> str:
    return f"5\t{page}\t1\t1\t1\t1\t{left}\t8\t{width}\t40\t{confidence}\t{text}"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Put a program in tesseract's place and return the file that tells how it was called."""

    def installed(packs: str, table: str = "", script: str = "") -> Path:
        program, calls = tmp_path / "tesseract", tmp_path / "calls"
        (tmp_path / "table").write_text(table, "utf-8")
        program.write_text(
            f"""#!/bin/sh
echo "$@" >> {calls}
case "$*" in
*--list-langs*) echo 'List of available languages:'; printf '%s\\n' {packs} ;;
*"--psm 0"*) cat > /dev/null; printf '%s\\n' 'Rotate: 90' 'Orientation confidence: 2.5' 'Script: {script}' ;;
*) cat > /dev/null; cat {tmp_path / "table"} ;;
esac
"""
        )
        program.chmod(0o755)
        monkeypatch.setattr(tesseract.shutil, "which", lambda _: str(program))
        tesseract._installed.cache_clear()
        return calls

    return installed


def test_tesseract_that_fails_is_no_hint(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tesseract.shutil, "which", lambda _: "/bin/false")
    assert tesseract.orientation(PAGE) == 0
    monkeypatch.setattr(tesseract.shutil, "which", lambda _: "/no/such/program")
    assert tesseract.orientation(PAGE) == 0


def test_orientation(install: Callable[..., Path]):
    install("eng osd")
    assert tesseract.orientation(PAGE) == 90


@pytest.mark.parametrize("packs", ["eng osd", "eng deu fra osd"])
def test_without_a_pack_for_another_script_nothing_is_read(install: Callable[..., Path], packs: str):
    calls = install(packs, HEAD)
    assert tesseract.read_lines(PAGE, BOXES) == [("", 0.0)] * 2
    assert "--psm" not in calls.read_text()


def test_not_installed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tesseract.shutil, "which", lambda _: None)
    assert tesseract.read_lines(PAGE, BOXES) == [("", 0.0)] * 2
    assert tesseract.orientation(PAGE) == 0


def test_words_of_a_line_are_joined(install: Callable[..., Path]):
    rows = [HEAD, word(1, 10, 50, 90, "Отчёт"), word(1, 70, 50, 80, "готов"), word(3, 0, 9, 99, "x"), "5\t1", ""]
    calls = install("eng rus ukr osd", "\n".join(rows))
    (text, confidence), nothing = tesseract.read_lines(PAGE, BOXES)
    assert text == "Отчёт готов"
    assert confidence == pytest.approx(0.85)
    assert nothing == ("", 0.0)
    assert "-l rus+ukr+eng --psm 7" in calls.read_text()


def test_syllables_that_tesseract_takes_apart_are_put_together(install: Callable[..., Path]):
    rows = [
        HEAD,
        word(1, 0, 30, 90, "출"),
        word(1, 35, 30, 90, "장"),
        word(1, 90, 30, 90, "경비"),
        word(1, 125, 9, 90, "5"),
    ]
    install("kor", "\n".join(rows))
    assert tesseract.read_lines(PAGE, BOXES[:1])[0][0] == "출장 경비 5"


@pytest.mark.parametrize(
    ("script", "packs"),
    [("Cyrillic", "rus+ukr"), ("Korean", "kor"), ("Japanese", "kor"), ("Greek", "kor+rus+ukr"), ("", "kor+rus+ukr")],
)
def test_the_script_tells_the_pack(install: Callable[..., Path], script: str, packs: str):
    calls = install("kor rus ukr osd", HEAD, script)
    tesseract.read_lines(PAGE, BOXES)
    asked = calls.read_text().splitlines()[-1]
    assert sorted(asked.split("-l ")[1].split(" ")[0].split("+")) == packs.split("+")


def test_where_the_script_is_not_told_and_packs_are_many_nothing_is_tried(install: Callable[..., Path]):
    calls = install("kor rus ara tha", HEAD, "Latin")
    assert tesseract.read_lines(PAGE, BOXES) == [("", 0.0)] * 2
    assert "--psm 7" not in calls.read_text()


def test_light_text_on_dark_is_turned_round():
    piece = tesseract._piece(Image.new("RGB", (100, 60), (20, 20, 20)), (0, 0, 100, 60))
    assert piece.getpixel((50, 30)) == piece.getpixel((0, 0)) == 235
