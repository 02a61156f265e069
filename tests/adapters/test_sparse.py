"""BM25 vectors: a document and a query meet in the same terms, weighted by count, field and length."""

from __future__ import annotations

from assistant.adapters.sparse import SparseVector, Wording, embed_documents, embed_query, with_former


def embedded(
    text: str = "", title: str = "", headings: str = "", language: str = "en", address: str = ""
) -> SparseVector:
    return embed_documents([Wording(title, headings, text, language, address)])[0]


def weights(vector: SparseVector) -> dict[int, float]:
    return dict(zip(vector.indices, vector.values, strict=True))


def test_documents_and_queries_meet_in_the_same_terms():
    document = embedded("The trains were painted; naïve GRÖSSE ISO-9001 日本語")
    query = embed_query("train painting NAÏVE größse iso 9001 日本")
    assert set(query.indices) & set(document.indices) >= set(embed_query("training painted naïve iso 9001").indices)
    assert set(embed_query("日本").indices) <= set(document.indices)
    assert set(query.values) == {1.0}


def test_stop_words_alone_leave_nothing():
    assert embed_query("the of and to").indices == ()
    assert embedded("").indices == embedded("and the").indices == ()


def test_more_often_weighs_more_and_longer_weighs_less():
    filler = " ".join(f"filler{n}" for n in range(200))
    once, twice, diluted = map(weights, map(embedded, ["zebra", "zebra zebra", f"zebra {filler}"]))
    (term,) = embed_query("zebra").indices
    assert twice[term] > once[term] > diluted[term]


def test_titles_and_headings_weigh_more_and_their_length_does_not_count():
    (term,) = embed_query("zebra").indices
    plain, titled, headed = (embedded("zebra"), embedded("word", "zebra"), embedded("word", "", "zebra"))
    assert weights(titled)[term] == weights(headed)[term] > weights(plain)[term]
    long = embedded("zebra", " ".join(f"filler{n}" for n in range(200)))
    assert weights(long)[term] == weights(plain)[term]


def test_what_is_written_in_one_has_a_term_of_its_own():
    document = embedded("Fill in SF-182 (see /etc/hosts).")
    other = embedded("SF 182, etc hosts")
    asked = embed_query("SF-182")
    assert set(asked.indices) <= set(document.indices)
    assert len(set(asked.indices) & set(other.indices)) == 2
    assert len(embed_query("SF-182", exact=False).indices) == 2


def test_the_terms_of_the_first_layout_are_asked_for_beside_todays():
    from qdrant_edge import Bm25, Bm25Config

    former = Bm25(Bm25Config(language="english", k=1.2, b=0.75, avg_len=100.0)).embed_document("painted trains")
    today = embed_query("train painting")
    both = with_former(today, "train painting")
    assert set(both.indices) == {*today.indices, *former.indices}
    assert set(both.values) == {1.0}


def test_an_address_adds_the_words_that_title_and_headings_do_not_have():
    (benefits,), (leave,) = embed_query("benefits").indices, embed_query("leave").indices
    plain, placed = embedded("days", "Leave"), embedded("days", "Leave", address="hr/benefits/leave.pdf")
    assert weights(placed)[benefits] > weights(embedded("benefits"))[benefits]
    assert weights(placed)[leave] == weights(plain)[leave]
    assert set(embed_query("hr/benefits/leave.pdf").indices) <= set(placed.indices)
