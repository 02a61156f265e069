"""Whatever a model writes, markers and claims are read from it: the same however it comes, and no quote is made up."""

from __future__ import annotations

from assistant.citations import ClaimReader, read_claims
from assistant.citations.markers import MarkerReader
from tests.answer.memory import make_document
from tests.citations.test_claims import STAFF, TEXT, library
from tests.fakes.fuzz import CUTS, cut, fuzz, pieces, short_and_long

WRITTEN = pieces(
    *(
        "[1]",
        "[2]",
        "[9]",
        "[1, 2]",
        "[1-3]",
        "[^1]",
        "【1】",
        "[1](",
        "[",
        "]",
        "[1",
        "[1,",
        "[99999999999]",
        "[-1]",
        "[0]",
    ),
    *(
        "`",
        "```",
        "~~~\n",
        "\n",
        "\n\n",
        "| a | b |\n",
        "| --- |\n",
        "- ",
        "# ",
        "**",
        "Ms. ",
        "e.g. ",
        ". ",
        " not ",
        "240",
    ),
    *(
        "Employees may carry over 240 hours of annual leave",
        "Train tickets are booked",
        "\u202e",
        "\u0000",
        "\ud83d\ude00",
    ),
)


@short_and_long
def test_markers_are_the_same_however_they_come(examples: int) -> None:
    def check(text: str, places: list[int]) -> None:
        whole, parts = MarkerReader((1, 2)), MarkerReader((1, 2))
        shown = whole.feed(text, last=True)
        pieces = cut(text, places)
        told = "".join(parts.feed(piece) for piece in pieces) + parts.feed("", last=True)
        assert (told, parts.markers, parts.dropped) == (shown, whole.markers, whole.dropped)
        assert all(shown[one.start] == "[" and shown[one.end - 1] == "]" for one in whole.markers)
        assert all({1, 2}.issuperset(one.numbers) for one in whole.markers)

    fuzz(examples, check, text=WRITTEN, places=CUTS)


@short_and_long
def test_a_verified_quote_stands_where_it_is_said_to(examples: int) -> None:
    travel = make_document("travel.md", TEXT, title="Travel")
    leave = make_document("leave.md", "Leave. " * 20 + TEXT, title="Leave")
    held, sources = library(travel, leave), {1: travel, 2: leave}
    texts = {document.ref.id: document.text for document in sources.values()}

    def check(text: str, places: list[int]) -> None:
        said = read_claims(text, sources, STAFF, held)
        for one in said.citations:
            place = one.passage
            assert not one.verified or texts[place.ref.id][place.start : place.end] == place.text
            assert one.number in sources
        reading = ClaimReader(sources, STAFF, held)
        for piece in cut(text, places):
            reading.feed(piece)
        reading.finish()
        assert reading.claims.text == said.text

    fuzz(max(examples // 2, 20), check, text=WRITTEN, places=CUTS)
