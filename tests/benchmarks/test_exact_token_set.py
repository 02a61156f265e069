"""The set of exact tokens holds what its rules say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.exact_token_set import KINDS, make_tokens, read_documents, visible

PAGE = """---
title: 'Filing a claim'
tags: [hidden-tag.yml]
---
Send form SF-182 and [the sheet](https://example.org/target/only-in-link.pdf) to #claims-desk.
Set `MAX_RETRIES` in `deploy/prod/values.yaml`, then run `kubectl get pods`.
Either/or, AWS/GCP/Azure and 9/30 are no paths. <img src="picture.png"> Jane Poe uses LaunchPad.
The reviewers usually answer within seven working days unless somebody important happens to be ill.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.md").write_text(PAGE)
    for number in range(4):
        (tmp_path / f"other{number}.md").write_text("Form SF-50 is everywhere. SF-1820 is longer than SF-182.5.\n")
    (tmp_path / "team.yml").write_text("jane:\n  name: Jane Poe\n")
    return tmp_path


def test_every_kind_is_found_with_its_holders(folder: Path) -> None:
    tokens = {token.text: token for token in make_tokens(read_documents({"x": folder}), 40)}
    wanted = {
        "SF-182": "number",
        "MAX_RETRIES": "constant",
        "deploy/prod/values.yaml": "path",
        "kubectl get pods": "command",
        "LaunchPad": "name",
        "#claims-desk": "handle",
    }
    assert {text: tokens[text].kind for text in wanted} == wanted
    assert tokens["SF-182"].holders == {"x/a.md"}
    assert tokens["Jane Poe"].holders == {"x/a.md", "x/team.yml"}
    assert set(KINDS) >= {token.kind for token in tokens.values()} >= {"person", "phrase"}


def test_frequent_and_invisible_tokens_are_left_out(folder: Path) -> None:
    found = {token.text for token in make_tokens(read_documents({"x": folder}), 40)}
    assert not found & {
        "SF-50",
        "hidden-tag.yml",
        "only-in-link.pdf",
        "picture.png",
        "AWS/GCP/Azure",
        "Either/or",
        "9/30",
    }


def test_the_set_is_the_same_every_time(folder: Path) -> None:
    documents = read_documents({"x": folder})
    assert make_tokens(documents, 2) == make_tokens(documents[::-1], 2)


def test_queries_in_three_shapes(folder: Path) -> None:
    token = next(t for t in make_tokens(read_documents({"x": folder}), 40) if t.text == "SF-182")
    assert [token.query(shape) for shape in ("bare", "quoted")] == ["SF-182", '"SF-182"']
    assert "SF-182" in token.query("question")
    assert token.query("question").endswith("?")


def test_visible_text_keeps_code_and_the_title() -> None:
    seen = visible(PAGE)
    assert seen.startswith("Filing a claim\n")
    assert "`deploy/prod/values.yaml`" in seen
    assert "the sheet" in seen
    assert "<img" not in seen
