"""The halves of a test set."""

from __future__ import annotations

from assistant.evaluation.splits import chosen, split_of


def test_the_half_hangs_on_the_id_alone():
    ids = [f"q{number}" for number in range(2000)]
    dev = chosen(ids, "dev")
    assert sorted([*dev, *chosen(ids, "heldout")]) == sorted(ids)
    assert 900 < len(dev) < 1100
    assert chosen(reversed(ids), "dev") == dev[::-1]
    assert chosen(ids, "dev", 3) == dev[:3]
    assert chosen(ids, "all", 2) == ["q0", "q1"]
    # written out, so that a change of the rule is seen: it would mix what was tuned on with what was not
    halves = {"1": "heldout", "13": "heldout", "q0": "dev", "q1": "heldout", "qst_1": "dev"}
    assert {name: split_of(name) for name in halves} == halves
