"""What a form was drawn with stands until it is saved, closed or left, and only what was changed in it is sent."""

from __future__ import annotations

import pytest

from ui import drawn


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.drawn.st.session_state", {})


@pytest.mark.parametrize("over", [lambda: drawn.drop("a"), drawn.forget])
def test_a_form_stands_as_it_was_drawn_and_the_next_one_has_other_fields(over) -> None:
    assert drawn.form("a", {"role": "admin"}).key == "a-0"
    still = drawn.form("a", {"role": "employee"})
    assert (still.key, still.base, still.is_behind) == ("a-0", {"role": "admin"}, True)
    over()
    over()  # one that stands no more is not dropped again
    fresh = drawn.form("a", {"role": "employee"})
    assert (fresh.key, fresh.base, fresh.is_behind) == ("a-1", {"role": "employee"}, False)


@pytest.mark.parametrize(
    ("wanted", "changes"),
    [
        ({"role": "admin", "groups": ["hr", "it"]}, {}),
        ({"role": "auditor", "groups": ["it", "hr"]}, {"role": "auditor"}),
        ({"role": "admin", "groups": ["it"]}, {}),  # hr is gone already
        ({"role": "admin", "groups": ["hr", "it", "ops"]}, {"groups": ["it", "pay", "ops"]}),
        ({"role": "admin", "groups": ["hr"]}, {"groups": ["pay"]}),
        ({"role": "admin", "groups": ["hr", "it", "pay"]}, {}),  # pay was given already
    ],
)
def test_only_what_was_changed_is_sent(wanted, changes) -> None:
    base, fresh = {"role": "admin", "groups": ["hr", "it"]}, {"role": "employee", "groups": ["it", "pay"]}
    assert drawn.Form("a-0", base, fresh).changes(wanted) == changes
