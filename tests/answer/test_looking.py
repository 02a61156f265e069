"""Which pictures a model is shown: attached ones first, then those of the best passages, within every limit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.answer.looking import Looker, Looking
from assistant.herd import Member, Room
from assistant.types import Attachment, ModelProfile, Passage, User
from tests.answer.memory import MemoryLibrary, make_document
from tests.fakes.chat_model import FakeChatModel
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.gallery import FakeGallery
from tests.fakes.model_scripts import IMAGE_TOKENS

KEY = b"k" * 32
STAFF = User("ann", frozenset({"everyone"}))
B = make_document("b.md", "Beta chart.", title="Beta")
A = make_document("a.md", "Alpha chart.", title="Alpha")
SECRET = make_document("pay.md", "Pay chart.", readers=("hr",))
SHOT = Attachment("shot.png", b"png", "image/png", "Error E-17: valve closed")
BLANK = Attachment("", b"other", "image/png")


def hit(document, *pictures: int) -> Passage:
    return Passage(document.ref, 0, len(document.text), document.text, pictures=pictures)


HITS = [hit(B, 2), hit(A, 1, 3), hit(SECRET, 1), hit(B, 2, 4)]


class Desk:
    def __init__(self, *, images: int = 4, most: int = 5, missing=()) -> None:
        self.library = MemoryLibrary([A, B, SECRET], FakeEmbedder())
        self.gallery = FakeGallery(self.library, missing)
        self.model = FakeChatModel(images=images)
        member = Member(ModelProfile("eyes", frozenset({"answer"})), self.model)
        self.room = Room(member, self.model.describe(), 90_000, by_cost=False)
        self.looker = Looker(self.gallery, self.library, KEY, most)

    def look(self, hits=HITS, attachments=(), *, free=50_000, for_documents=50_000, user=STAFF) -> Looking:
        return self.looker.look(self.room, user, hits, attachments, free=free, for_documents=for_documents)


def numbers(looking: Looking) -> list[tuple[str, int]]:
    return [(one.source.place.ref.key, one.source.place.pictures[0]) for one in looking.pictures]


def test_the_best_passages_pictures_are_chosen_and_stand_in_their_documents_order() -> None:
    desk = Desk(images=3)
    looking = desk.look()
    assert desk.gallery.looked == [("b.md", 2), ("a.md", 1), ("a.md", 3)]
    assert numbers(looking) == [("a.md", 1), ("a.md", 3), ("b.md", 2)]
    assert looking.images == 3
    assert looking.notes == ("of the pictures that the passages show, 3 of 4 were shown to eyes: 3 are shown at most",)


def test_no_more_than_the_settings_allow() -> None:
    looking = Desk(images=10, most=2).look()
    assert numbers(looking) == [("a.md", 1), ("b.md", 2)]
    assert "2 are shown at most" in looking.notes[0]
    assert Desk(most=0).look().pictures == ()


def test_what_is_attached_comes_first_and_takes_of_the_limit() -> None:
    looking = Desk(images=3).look(attachments=[SHOT, BLANK])
    assert [one.source.place.ref.title for one in looking.attached] == ["shot.png", "picture 2"]
    assert numbers(looking) == [("b.md", 2)]
    over = Desk(images=1).look(attachments=[SHOT, BLANK])
    assert (len(over.attached), over.pictures) == (1, ())
    assert over.notes[0] == "of the attached pictures, 1 of 2 were shown to eyes: 1 are shown at most"


def test_each_picture_is_counted_as_it_adds_to_a_prompt() -> None:
    desk = Desk()
    looking = desk.look(attachments=[SHOT])
    alone = desk.model.count_tokens([looking.pictures[0].message])
    assert looking.pictures[0].source.tokens == alone - 3  # what a template puts around a message, and one more
    assert looking.pictures[0].source.tokens > IMAGE_TOKENS
    assert looking.tokens == sum(one.source.tokens for one in looking.pictures)
    assert looking.beside == looking.attached[0].source.tokens


def test_pictures_take_half_of_the_room_at_most_and_it_is_said() -> None:
    one = Desk().look(hits=HITS[:1]).tokens
    looking = Desk().look(for_documents=4 * one + 3)
    assert looking.tokens <= 2 * one + 1
    assert len(looking.pictures) == 2
    assert looking.notes == (
        "of the pictures that the passages show, 2 of 4 were shown to eyes: there is no room for more",
    )
    assert Desk().look(for_documents=one).pictures == ()


def test_attached_pictures_without_room_are_told_of() -> None:
    looking = Desk().look(hits=(), attachments=[SHOT], free=5)
    assert looking.attached == ()
    assert looking.notes == ("of the attached pictures, 0 of 1 were shown to eyes: there is no room for more",)


def test_nobody_is_shown_what_they_may_not_read() -> None:
    desk = Desk(images=9)
    assert ("pay.md", 1) not in numbers(desk.look())
    assert ("pay.md", 1) not in desk.gallery.looked
    assert ("pay.md", 1) in numbers(desk.look(user=replace(STAFF, groups=frozenset({"everyone", "hr"}))))


def test_a_picture_that_cannot_be_had_leaves_its_place_to_the_next() -> None:
    assert numbers(Desk(images=2, missing=(1,)).look()) == [("a.md", 3), ("b.md", 2)]


@pytest.mark.parametrize(
    ("attachments", "told", "note"),
    [
        ([SHOT], ["Error E-17: valve closed"], "the words that were recognised in them"),
        ([BLANK], [], "nothing: no words were recognised in them"),
    ],
)
def test_a_model_that_does_not_see_is_given_the_words_and_it_is_said(attachments, told, note) -> None:
    looking = Desk(images=0).look(attachments=attachments)
    assert looking.images == 0
    assert [one.source.place.text for one in looking.attached] == told
    assert looking.notes[0].startswith("eyes does not see pictures: of those in the documents")
    assert looking.notes[1] == f"eyes does not see pictures: of those attached to the question it was given {note}"


def test_nothing_is_said_of_pictures_of_passages_that_are_not_among_the_best() -> None:
    plain = Passage(A.ref, 0, 5, "Alpha")
    assert Desk(images=0).look(hits=[plain, plain, plain, hit(B, 2)]).notes == ()
