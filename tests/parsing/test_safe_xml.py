from __future__ import annotations

import time

import pytest

from assistant.errors import DamagedDocumentError
from assistant.parsing.safe_xml import safe_root


def test_plain_xml():
    root = safe_root(b'<?xml version="1.0"?><a><!-- no --><b x="1">t</b><?pi no?></a>', "a.xml")
    assert root.tag == "a"
    assert [(child.tag, child.text, dict(child.attrib)) for child in root] == [("b", "t", {"x": "1"})]


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY e "x">',
        '<!ENTITY e SYSTEM "file:///etc/hostname">',
        '<!ENTITY e SYSTEM "http://127.0.0.1:1/x">',
        '<!ENTITY % p "x">',
        '<!ELEMENT a ANY> <!ENTITY unused "x">',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("doctype", [True, False])
def test_entities_are_refused(declared: str, encoding: str, doctype: bool):
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [{declared}]><a>t</a>'
    with pytest.raises(DamagedDocumentError, match=r"a\.xml declares entities"):
        safe_root(text.encode(encoding), "a.xml", doctype=doctype)


def test_a_document_type_is_refused_where_the_format_has_none():
    text = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://127.0.0.1:1/svg11.dtd"><svg/>'
    assert safe_root(text, "a.svg", doctype=True).tag == "svg"
    with pytest.raises(DamagedDocumentError, match=r"a\.svg declares a document type"):
        safe_root(text, "a.svg")


@pytest.mark.parametrize("where", ["<a>&l9;</a>", '<a x="&l9;"/>'])
def test_entity_bomb_costs_nothing(where: str):
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    started = time.process_time()
    with pytest.raises(DamagedDocumentError, match=r"a\.xml"):
        safe_root(f'<!DOCTYPE a [<!ENTITY l0 "lol">{entities}]>{where}'.encode(), "a.xml")
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    "content",
    [b"", b"no xml", b"<a>", b"<a/><b/>", b"<a>&unknown;</a>", b"\xff\xfe<", b"<a>" * 5000 + b"</a>" * 5000,
     b'<?xml version="1.0" encoding="nonsense"?><a/>'],
)  # fmt: skip
def test_damage_names_what_it_is(content: bytes):
    with pytest.raises(DamagedDocumentError, match=r"a\.xml is not well-formed XML"):
        safe_root(content, "a.xml")
