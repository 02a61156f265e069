"""How much ingestion does at once, where the settings leave it to the machine."""

from __future__ import annotations

import pytest

from assistant.app import ingesting
from assistant.parsing.process import sandbox
from assistant.settings import Settings


@pytest.mark.parametrize(("cores", "wanted", "processes"), [(3, 0, 2), (1, 0, 1), (1, 6, 6)])
def test_parsers_are_as_many_as_the_containers_quota_allows(
    cores: int, wanted: int, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not as many as its node has cores: each takes its memory, of which the container has so much only."""
    made: list[int] = []
    monkeypatch.setattr(ingesting, "available_cores", lambda: cores)
    monkeypatch.setattr(sandbox, "ParserPool", lambda *, workers, **_: made.append(workers))
    ingesting.make_parsers(Settings(parse_workers=wanted), lambda name: name)
    assert made == [processes]
