"""The load test in small: five people on the real house, without errors, and each sees what is for them alone."""

from pathlib import Path

import pytest

from tests.benchmarks import users_company as company
from tests.benchmarks.users_load import fill, measure, summary
from tests.benchmarks.users_plot import held, percentiles, plot
from tests.benchmarks.users_watch import slope

USERS = 5


@pytest.mark.timeout(900)
def test_a_few_people_are_served_without_errors_and_see_what_is_for_them_alone(tmp_path: Path) -> None:
    askers = fill(tmp_path / "home", cities=1, users=USERS)
    watched = askers[1]
    believed = [*askers[:1], {**watched, "folders": [company.COMMON]}, *askers[2:]]  # so that the check has to find it
    plan = {"askers": believed, "cities": 1, "seconds": 10.0, "think": 0.5, "each": True}
    raw = measure(tmp_path / "home", plan, every=1.0)
    told = summary(plan, raw)
    assert told["errors"] == {}
    assert {"answer", "search", "document text", "list of conversations"} <= told["seconds"].keys()
    assert told["answers"]["found"] >= USERS
    assert told["answers"]["citations"] >= told["answers"]["found"]
    assert told["answers"].get("unverified citations", 0) == 0
    assert told["answers"]["of another thing"] == 0
    assert raw["leaks"], "a department's documents are seen by somebody of whom we said that they are not for them"
    assert {leak.split()[0] for leak in raw["leaks"]} == {watched["id"]}
    assert {"API", "API: web UI", "model", "people"} <= told["processes"].keys()
    assert told["processes"]["API"]["cpu_seconds"] > 0
    plot(raw, tmp_path / "load.png")
    assert (tmp_path / "load.png").stat().st_size > 1000


def test_an_amount_tells_whose_it_is(tmp_path: Path) -> None:
    company.write(tmp_path, 1)
    text = (tmp_path / "sales/lisbon-parking.md").read_text()
    assert company.foreign_amounts(text, ("common", "sales")) == []
    assert len(company.foreign_amounts(text, ("common", "legal"))) == len(company.TOPICS["parking"])


def test_the_model_quotes_the_place_that_says_it_and_no_other() -> None:
    fact = "In Lisbon a parcel costs at most 1,230 euros."
    parts = (
        f"[1] <document aa>\nIn Porto a parcel costs at most 9 euros.\n</document aa>\n\n[2] <document bb>\n{fact}\n"
    )
    prompt = f"{parts}</document bb>\n\nQuestion: What does a parcel cost at most in Lisbon?"
    asked = {"messages": [{"role": "user", "content": prompt}]}
    assert company.script().reply(asked).text == f"{fact[:-1]} [2]."
    nothing = prompt.replace("a parcel costs", "a pallet costs")
    assert company.script().reply({"messages": [{"role": "user", "content": nothing}]}).text == company.NOT_THERE


def test_a_slope_leaves_out_the_beginning() -> None:
    warm = [(float(at), 100.0 + at / 60) for at in range(120, 601, 10)]
    assert slope([(0.0, 1.0), (60.0, 50.0), *warm]) == pytest.approx(1.0)
    assert slope(warm[:2]) == 0.0


def test_the_plot_has_percentiles_by_half_minute_and_the_memory_of_the_house() -> None:
    calls = [("search", float(at), 1.0 if at < 30 else 3.0) for at in range(60)]
    assert percentiles(calls, "search", 50) == [(15.0, 1.0), (45.0, 3.0)]
    samples = [{"at": 0.0, "processes": {"API": {"own_mb": 5.0}, "people": {"own_mb": 9.0}}}]
    assert held(samples) == {"API": [(0.0, 5.0)]}
