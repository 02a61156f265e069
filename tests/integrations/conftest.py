"""A home with a few documents, some of which only the group hr may read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import App, build, load_settings

TEXTS = {
    "travel.md": "# Travel\n\nTrain tickets are booked in Concur at least 21 days before the trip.\n",
    "hr/salary.md": "# Salaries\n\nGrade K7 is paid 4,310 euros a month.\n",
    "vpn.txt": "The VPN gateway is vpn-frankfurt-2. Certificates expire after 90 days.\n",
}


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home, closed; one open at a time."""
    folder, home = tmp_path_factory.mktemp("docs"), tmp_path_factory.mktemp("filled") / "home"
    for name, text in TEXTS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    rule = {"default": ["everyone"], "rules": [{"glob": "hr/**", "readers": ["hr"]}]}
    with build(load_settings(home=home)) as app:
        app.catalog.sources.add("docs", "folder", {"path": str(folder)}, rule)
        report = app.ingestor.sync("docs", "test")
    assert report.added == len(TEXTS)
    return home


@pytest.fixture
def app(filled_home: Path) -> Iterator[App]:
    """The assistant on that home."""
    with build(load_settings(home=filled_home)) as app:
        yield app
