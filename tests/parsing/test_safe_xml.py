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
        '<!ENTITY e SYSTEM "file:///etc/hostname">',
        '<!ENTITY e SYSTEM "http://127.0.0.1:1/x">',
        '<!ENTITY e PUBLIC "x" "http://127.0.0.1:1/x">',
        '<!ENTITY u SYSTEM "a.gif" NDATA gif>',
        '<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;',
        '<!ENTITY e "<b/>">',
        '<!ENTITY e "&#60;b/>">',
        '<!ENTITY w "w"> <!ENTITY e "&w;&w;">',
        '<!ENTITY e "&#38;w;">',
        '<!ENTITY % p "&#37;q;">',
        """<!ENTITY % p '<!ENTITY e "x">'> %p;""",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("doctype", [True, False])
def test_entities_of_more_than_words_are_refused(declared: str, encoding: str, doctype: bool):
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [{declared}]><a>t</a>'
    with pytest.raises(DamagedDocumentError, match=r"a\.xml declares entities"):
        safe_root(text.encode(encoding), "a.xml", doctype=doctype)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_of_plain_words_are_read_where_a_document_type_may_be(encoding: str):
    """As Illustrator writes them: the names of namespaces and styles."""
    declared = '<!ENTITY ns "http://ns.test/1.0/"> <!ENTITY st "fill:red;width:100&#37;;"> <!ENTITY unused "&#160;">'
    text = f'''<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd" [{declared}]>
    <a xmlns:x="&ns;" style="&st;"><x:b>at &ns;, &st;</x:b></a>'''
    root = safe_root(text.encode(encoding), "a.xml", doctype=True)
    assert dict(root.attrib) == {"style": "fill:red;width:100%;"}
    assert [(child.tag, child.text) for child in root] == [
        ("{http://ns.test/1.0/}b", "at http://ns.test/1.0/, fill:red;width:100%;")
    ]
    with pytest.raises(DamagedDocumentError, match=r"a\.xml declares entities"):
        safe_root(text.encode(encoding), "a.xml")


@pytest.mark.parametrize("where", ["<a>{}</a>", '<a x="{}"/>', "<a><b>{}</b></a>"])
@pytest.mark.parametrize(("size", "times"), [(100_000, 5_000), (1_000, 500_000)])
def test_plain_entities_grow_a_text_to_five_times_its_size_at_most(where: str, size: int, times: int):
    text = f'<!DOCTYPE a [<!ENTITY e "{"x" * size}">]>{where.format("&e;" * times)}'
    started = time.process_time()
    with pytest.raises(DamagedDocumentError, match="amplification"):
        safe_root(text.encode(), "a.xml", doctype=True)
    assert time.process_time() - started < 1


def test_a_document_type_is_refused_where_the_format_has_none():
    text = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://127.0.0.1:1/svg11.dtd"><svg/>'
    assert safe_root(text, "a.svg", doctype=True).tag == "svg"
    with pytest.raises(DamagedDocumentError, match=r"a\.svg declares a document type"):
        safe_root(text, "a.svg")


@pytest.mark.parametrize("doctype", [True, False])
@pytest.mark.parametrize("where", ["<a>&l9;</a>", '<a x="&l9;"/>'])
def test_entity_bomb_costs_nothing(where: str, doctype: bool):
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    started = time.process_time()
    with pytest.raises(DamagedDocumentError, match=r"a\.xml.* bomb") as caught:
        safe_root(f'<!DOCTYPE a [<!ENTITY l0 "lol">{entities}]>{where}'.encode(), "a.xml", doctype=doctype)
    assert "without a document type" in caught.value.hint
    assert "xmlCtxt" not in str(caught.value)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    "content",
    [b"", b"no xml", b"<a>", b"<a/><b/>", b"<a>&unknown;</a>", b"\xff\xfe<", b"<a>" * 5000 + b"</a>" * 5000,
     b'<?xml version="1.0" encoding="nonsense"?><a/>'],
)  # fmt: skip
def test_damage_names_what_it_is(content: bytes):
    with pytest.raises(DamagedDocumentError, match=r"a\.xml is not well-formed XML"):
        safe_root(content, "a.xml")
