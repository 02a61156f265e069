"""A home with a few documents, some of which only the group hr may read."""

from __future__ import annotations

from pathlib import Path

from assistant import build, load_settings

TEXTS = {
    "travel.md": "# Travel\n\nTrain tickets are booked in Concur at least 21 days before the trip.\n",
    "hr/salary.md": "# Salaries\n\nGrade K7 is paid 4,310 euros a month.\n",
    "vpn.txt": "The VPN gateway is vpn-frankfurt-2. Certificates expire after 90 days.\n",
}


def fill(home: Path, folder: Path) -> None:
    """Write the documents into the folder and index them in the home, as the source `docs`."""
    for name, text in TEXTS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    rule = {"default": ["everyone"], "rules": [{"glob": "hr/**", "readers": ["hr"]}]}
    with build(load_settings(home=home)) as app:
        app.catalog.sources.add("docs", "folder", {"path": str(folder)}, rule)
        report = app.ingestor.sync("docs", "test")
    assert report.added == len(TEXTS)
