"""The documents and answers that the scripted API holds, always the same."""

from __future__ import annotations

from dataclasses import dataclass, field

Json = dict[str, object]


@dataclass(frozen=True)
class FakeDocument:
    """A document; `pages` are the texts of its pages, else it has no pages."""

    source: str
    key: str
    title: str
    media_type: str
    text: str
    pages: tuple[str, ...] = ()

    @property
    def name(self) -> Json:
        """The contract's `document`."""
        return {
            "source": self.source,
            "key": self.key,
            "title": self.title,
            "uri": f"file:///srv/{self.source}/{self.key}",
        }


def _paged(key: str, title: str, *pages: str) -> FakeDocument:
    return FakeDocument("handbook", key, title, "application/pdf", "\n\n".join(pages), pages)


TRAVEL = _paged(
    "travel/policy.pdf",
    "Travel policy",
    "Travel policy\n\nThis policy covers trips that the company pays for. Ask your manager before you book. "
    + "Trips by train are preferred where they take less than six hours. " * 12,
    "Hotels and meals\n\nHotels are paid up to 140 euros a night, breakfast included. A more expensive room needs the "
    "approval of the head of department before the trip.\n\nMeals are paid at the rate of the country. "
    + "Keep the receipts of all costs above ten euros. "
    * 14,
    "Claims\n\nHand in your claim within 30 days after the trip. " + "Late claims are paid with the next month. " * 10,
)
LEAVE = FakeDocument(
    "handbook",
    "people/leave.md",
    "Leave and holidays",
    "text/markdown",
    "# Leave and holidays\n\n"
    + "Every employee has 28 days of leave a year.\n\n"
    + "Leave that is not taken by March is lost. " * 400,
)
DANGER = FakeDocument(
    "handbook",
    "it/danger.html",
    "Devices <script>alert(1)</script> & *passwords*",
    "text/html",
    "Devices\n\n<script>window.hacked = true</script> <img src=x onerror='window.hacked = true'> "
    "![track](http://tracker.example/pixel.png) [press here](javascript:window.hacked=true)\n\n"
    "Lock your screen when you leave the desk, & never share a password.\n",
)
DOCUMENTS = (TRAVEL, LEAVE, DANGER)


@dataclass(frozen=True)
class Script:
    """An answer as the API would stream it."""

    plan: Json
    deltas: tuple[str, ...] = ()
    citations: tuple[Json, ...] = ()
    found: bool = True
    error: Json | None = None
    pause: float = 0.0
    cut: bool = False
    tools: tuple[Json, ...] = ()
    timings: Json = field(default_factory=lambda: {"search": 0.021, "answer": 0.004})


def cite(
    number: int, document: FakeDocument, quote: str, *, verified: bool = True, heading: tuple[str, ...] = ()
) -> Json:
    """Return a citation of `quote` in `document`; an unverified one points to the document's start."""
    start = document.text.index(quote) if verified else 0
    page, reached = None, 0
    for index, text in enumerate(document.pages, 1):
        if reached <= start < reached + len(text) + 2:
            page = index
        reached += len(text) + 2
    return {
        "number": number,
        "document": document.name,
        "page": page,
        "start": start,
        "end": start + len(quote),
        "quote": quote,
        "verified": verified,
        "supported": None,
        "heading_path": list(heading),
    }


def seen(kind: str, document: Json, number: int, page: int | None) -> Json:
    """Return a citation of a picture that the model looked at."""
    return {
        "number": number,
        "kind": kind,
        "document": document,
        "page": page,
        "start": 0,
        "end": 0,
        "quote": "",
        "verified": False,
        "supported": None,
        "heading_path": [],
        "pictures": [1],
    }


def plan(mode: str = "chunks", **parts: object) -> Json:
    """Return a plan; by default 3 passages from 2 documents."""
    passages = [
        {"document": TRAVEL.name, "start": 0, "end": 90, "tokens": 150},
        {"document": TRAVEL.name, "start": 90, "end": 180, "tokens": 160},
        {"document": LEAVE.name, "start": 0, "end": 80, "tokens": 102},
    ]
    base: Json = {
        "mode": mode,
        "reason": "The question asks for one fact, and three passages fit it well.",
        "budget": 10_000_000,
        "tokens": 412,
        "documents": [],
        "passages": passages,
        "left_out": [],
    }
    return {**base, **parts}


HOTEL_QUOTE = "Hotels are paid up to 140 euros a night, breakfast included."
HOTEL = Script(
    plan(),
    (
        "Hotels are paid up to **140 euros a night**, ",
        "breakfast included [1].",
        "\n\n- A more expensive room needs the approval of the head of department ",
        "[2].\n- Claims are due 30 days after the trip [3].",
    ),
    (
        cite(1, TRAVEL, HOTEL_QUOTE, heading=("Travel policy", "Hotels and meals")),
        cite(2, TRAVEL, "A more expensive room needs the approval of the head of department before the trip."),
        cite(3, LEAVE, "Claims are due after 30 days.", verified=False),
    ),
)
SEEN = Script(
    plan(pictures=[{"kind": "page", "document": TRAVEL.name, "page": 2, "pictures": [1], "tokens": 600}]),
    ("The error is E-17 [1]. ", "The chart peaks in May [2]."),
    (
        seen("attachment", {"source": "", "key": "1", "title": "shot.png", "uri": ""}, 1, None),
        seen("page", TRAVEL.name, 2, 2),
    ),
)
NOT_FOUND = Script(
    plan(passages=[], tokens=0, reason="Nothing close to the question was found."),
    ("The documents do not say anything about this.",),
    found=False,
)
WHOLE = Script(
    plan(
        "documents",
        reason="The question runs across documents; these fit whole.",
        tokens=9_731,
        documents=[{**TRAVEL.name, "tokens": 431}, {**LEAVE.name, "tokens": 9_300}],
        passages=[],
        left_out=[{**DANGER.name, "tokens": 88}],
    ),
    ("Every employee has 28 days of leave a year [1].",),
    (cite(1, LEAVE, "Every employee has 28 days of leave a year."),),
)
DANGEROUS = Script(
    plan(),
    (
        "<script>window.hacked = true</script><img src=x onerror='window.hacked = true'> ",
        "![track](http://tracker.example/pixel.png) [press here](javascript:window.hacked=true) ",
        "<http://tracker.example/auto> Lock your screen [1]. See [7].",
    ),
    (cite(1, DANGER, "Lock your screen when you leave the desk, & never share a password."),),
)
BROKEN = Script(
    plan(),
    ("Hotels are paid ",),
    error={"error": "the model server stopped", "hint": "start it again, then ask again", "code": "ModelError"},
)
SLOW = Script(plan(), tuple(f"Word {number} " for number in range(60)), pause=0.06)
SUM = {
    "id": "c1",
    "step": 1,
    "name": "calculator",
    "arguments": {"expression": "3 * 140"},
    "proposed": None,
    "writes": False,
    "reaches_out": False,
    "state": "done",
    "result": "420 <b>euros</b>",
    "places": [{"number": 4, "document": TRAVEL.name, "page": 2, "start": 0, "end": 9}],
    "error": "",
    "reason": "",
    "seconds": 0.2,
    "at": 0,
}
ORDER = {
    **SUM,
    "id": "c2",
    "step": 2,
    "name": "create_ticket",
    "arguments": {"title": "Three nights", "text": "Book a room.\nNear the office.", "cost": 420, "urgent": False},
    "writes": True,
    "reaches_out": False,
    "state": "waiting",
    "result": "",
    "places": [],
    "seconds": 0.0,
}
TICKET = Script(plan(), ("That makes 420 euros. ", "I have seen to it."), tools=(SUM, ORDER))
CUT = Script(plan(), ("Hotels are",), cut=True)
SCRIPTS = {
    "hotel": HOTEL,
    "moon": NOT_FOUND,
    "leave": WHOLE,
    "danger": DANGEROUS,
    "broken": BROKEN,
    "slow": SLOW,
    "shot": SEEN,
    "cut": CUT,
    "ticket": TICKET,
}
