"""Files and folders by id, as paths."""

from __future__ import annotations

import pytest

from plugins.cloud import Node, Tree

A, B = "1" + "a" * 27, "1" + "b" * 27


def test_it_comes_back_from_its_text_as_it_was() -> None:
    tree = Tree("r", {A: Node("r", "ü \ud800", "", is_folder=True), B: Node(A, "x.txt", "m")})
    again = Tree.load(tree.dump())
    assert again == tree
    assert list(tree.files()) == [("ü \ud800/x.txt", B)]


@pytest.mark.parametrize("text", ["", "no tree", "eJwDAAAAAAE=", "é"])
def test_another_text_is_no_tree(text: str) -> None:
    assert Tree.load(text) is None


def test_what_lies_in_a_removed_folder_goes_with_it() -> None:
    tree = Tree("r", {A: Node("r", "f", "", is_folder=True), "x": Node(A, "x", "m"), "y": Node("r", "y", "m")})
    tree.remove(A)
    tree.remove("never there")
    assert set(tree.nodes) == {"y"}


def test_folders_in_a_circle_lie_nowhere() -> None:
    tree = Tree("r", {A: Node(B, "a", "", is_folder=True), B: Node(A, "b", "", is_folder=True), "x": Node(A, "x", "m")})
    assert list(tree.files()) == []
    tree.prune()
    assert tree.nodes == {}


def test_no_two_files_have_one_key() -> None:
    tree = Tree("r", {A: Node("r", "x.txt", "m"), B: Node("r", "x.txt", "m"), "c": Node("r", f"x ({B}).txt", "m")})
    keys = [key for key, _ in tree.files()]
    assert len(set(keys)) == 3
    assert "x.txt" in keys


def test_a_large_tree_is_a_short_text() -> None:
    nodes = {f"{number:028}": Node("r", f"Report {number}.docx", f"{number:024}") for number in range(5000)}
    assert len(Tree("r", nodes).dump()) < 60 * 5000
