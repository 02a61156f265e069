"""BM25 terms: the same for a document and a query, stemmed, without stop words, weighted by count and length."""

from __future__ import annotations

from assistant.adapters.sparse import embed_documents, embed_query


def test_documents_and_queries_meet_in_the_same_terms():
    (document,) = embed_documents(["The trains were painted; naïve GRÖSSE ISO-9001 日本語"])
    query = embed_query("train painting NAÏVE größse iso 9001")
    assert set(query.indices) & set(document.indices) >= set(embed_query("training painted naïve iso 9001").indices)
    assert set(query.values) == {1.0}


def test_stop_words_alone_leave_nothing():
    assert embed_query("the of and to").indices == ()
    assert embed_documents(["", "and the"])[0].indices == embed_documents(["", "and the"])[1].indices == ()


def test_more_often_weighs_more_and_longer_weighs_less():
    filler = " ".join(f"filler{n}" for n in range(200))
    once, twice, diluted = (
        dict(zip(vector.indices, vector.values, strict=True))
        for vector in embed_documents(["zebra", "zebra zebra", f"zebra {filler}"])
    )
    (term,) = embed_query("zebra").indices
    assert twice[term] > once[term] > diluted[term]
