"""The documents of the journeys: a small company's handbook, a page of which only the group hr reads."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.pdf import make_pdf

HOTEL = "A hotel may cost at most 140 euros a night."
SALARY = "Grade K7 is paid 4,310 euros a month."
READERS = {"default": ["everyone"], "rules": [{"glob": "hr/**", "readers": ["hr"]}]}

_TRAVEL = (
    (
        "Travel policy",
        "",
        "It holds for all trips on company business.",
        "Trips are approved by the team lead.",
    ),
    (
        "Hotels and meals",
        "",
        HOTEL,
        "Breakfast is paid with the room. Dinner is refunded up to 32 euros.",
        "Receipts are handed in within 30 days after the trip.",
    ),
    ("Trains and flights", "", "Train tickets are booked in Concur at least 21 days before the trip."),
)
_TEXTS = {
    "people/leave.md": "# Leave\n\n## How much\n\nEmployees have 28 days of leave in a year.\n\n## Asking for it\n\n"
    "Leave is asked for in the portal, two weeks ahead. The team lead answers within three days.\n",
    "people/parents.md": "# Parental leave\n\nParents may take up to 14 months together. "
    "Write to the people team seven weeks ahead.\n",
    "it/vpn.md": "# VPN\n\nThe VPN gateway is vpn-frankfurt-2. Certificates expire after 90 days. "
    "Error 619 means that the certificate has expired: order a new one in the portal.\n",
    "it/laptops.md": "# Laptops\n\n| Model | For | Years |\n| --- | --- | --- |\n| Aster 14 | everyone | 4 |\n"
    "| Aster 16 | developers | 3 |\n\nA lost laptop is reported to the help desk at once.\n",
    "hr/salaries.md": f"# Salaries\n\n{SALARY} Grade K8 is paid 4,790 euros a month.\n",
    "office/arabic.md": "# \u0633\u064a\u0627\u0633\u0629 \u0627\u0644\u0625\u062c\u0627\u0632\u0627\u062a\n\n"
    "\u064a\u062d\u0635\u0644 \u0643\u0644 \u0645\u0648\u0638\u0641 \u0639\u0644\u0649 28 \u064a\u0648\u0645\u0627 "
    "\u0645\u0646 \u0627\u0644\u0625\u062c\u0627\u0632\u0629 \u0641\u064a \u0627\u0644\u0633\u0646\u0629.\n",
    "office/hebrew.md": "# \u05e0\u05d5\u05d4\u05dc \u05d7\u05d5\u05e4\u05e9\u05d4\n\n"
    "\u05dc\u05db\u05dc \u05e2\u05d5\u05d1\u05d3 \u05d9\u05e9 28 \u05d9\u05de\u05d9 "
    "\u05d7\u05d5\u05e4\u05e9\u05d4 \u05d1\u05e9\u05e0\u05d4.\n",
}


def names() -> list[str]:
    """The keys of all documents."""
    return ["travel/policy.pdf", *_TEXTS]


def write(folder: Path) -> None:
    """Write the documents below a folder."""
    for name, text in _TEXTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "travel").mkdir(exist_ok=True)
    (folder / "travel/policy.pdf").write_bytes(make_pdf(_TRAVEL, title="Travel policy"))
