from __future__ import annotations

import io
from collections.abc import Mapping

from PIL import Image

from assistant.parsing.check import check_document
from assistant.parsing.docx.parser import DocxParser
from assistant.parsing.media_types import DOCX
from assistant.types import Document, DocumentRef
from tests.fakes.docx import SPACES, paragraph, run, zip_docx

REF = DocumentRef("files", "a.docx", "v1", "a.docx", "", DOCX)


def png(color: str, side: int = 60) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (side, side), color).save(output, "PNG")
    return output.getvalue()


def parse(body: str, parts: Mapping[str, tuple[str, str | bytes]]) -> Document:
    """Parse a document with these parts by the ids of their relations, each with its kind and its content."""
    data = zip_docx(
        body,
        {f"word/parts/{identity}": content for identity, (_, content) in parts.items()},
        related={identity: (kind, f"parts/{identity}") for identity, (kind, _) in parts.items()},
    )
    document = DocxParser().parse(REF, data)
    check_document(document)
    return document


def drawing(content: str, words: str = "", kind: str = "inline", title: str = "") -> str:
    about = f"<wp:docPr id='1' name='Picture 1' descr='{words}' title='{title}'/>"
    return f"<w:r><w:drawing><wp:{kind}>{about}{content}</wp:{kind}></w:drawing></w:r>"


def pic(identity: str, own: str = "") -> str:
    about = f"<pic:nvPicPr><pic:cNvPr id='0' name='a.png' descr='{own}'/></pic:nvPicPr>"
    return f"<pic:pic>{about}<pic:blipFill><a:blip r:embed='{identity}'/></pic:blipFill></pic:pic>"


def picture(identity: str, words: str = "", own: str = "", kind: str = "inline", title: str = "") -> str:
    graphic = f"<a:graphic><a:graphicData>{pic(identity, own)}</a:graphicData></a:graphic>"
    return drawing(graphic, words, kind, title)


def shown(document: Document) -> list[tuple[str, bytes]]:
    return [(document.text[one.start : one.end], one.data) for one in document.pictures]


def test_pictures_at_their_places_with_their_words():
    red, blue = png("red"), png("blue")
    captioned = f"<w:p>{picture('p1', 'A red square', title='Red')}</w:p>{paragraph('Figure 1: red')}"
    anchored = f"<w:p>{run('With ')}{picture('p2', kind='anchor')}{run('text.')}</w:p>"
    body = f"{paragraph('Before.')}{captioned}{anchored}{paragraph('After.')}"
    document = parse(body, {"p1": ("image", red), "p2": ("image", blue)})
    assert document.text == "Before.\n\nA red square\n\nFigure 1: red\n\nWith text.\n\nAfter."
    assert shown(document) == [("A red square", red), ("", blue)]
    assert [block.kind for block in document.blocks] == ["text", "image", "text", "text", "text"]
    assert document.text[: document.pictures[1].start].endswith("With text.")


def test_words_of_a_picture():
    pictures = {f"p{n}": ("image", png(f"#{n}00000")) for n in range(1, 7)}
    generated = "A dog on a chair&#10;&#10;Description automatically generated"
    body = "".join(
        f"<w:p>{one}</w:p>"
        for one in (
            picture("p1", title="Only a title"),
            picture("p2", "Both", "Both"),
            picture("p3", "The drawing", "The picture"),
            picture("p4", "C:\\Users\\ada\\logo 2.PNG"),
            picture("p5", generated),
            picture("p6"),
        )
    )
    document = parse(paragraph("text") + body, pictures)
    assert document.text == "text\n\nOnly a title\n\nBoth\n\nThe drawing\n\nThe picture\n\nA dog on a chair"
    assert [text for text, _ in shown(document)] == ["Only a title", "Both", "The picture", "", "A dog on a chair", ""]


def test_pictures_of_a_group_a_cell_and_an_older_kind():
    parts = {name: ("image", png(name)) for name in ("red", "green", "blue", "black")}
    group = drawing(pic("red") + pic("green"), "Two squares", "anchor")
    older = "<w:r><w:pict><v:shape alt='Old words'><v:imagedata r:id='blue'/></v:shape></w:pict></w:r>"
    table = (
        f"<w:tbl><w:tr><w:tc>{paragraph('left')}</w:tc>"
        f"<w:tc><w:p>{picture('black', 'In a cell')}</w:p></w:tc></w:tr></w:tbl>"
    )
    document = parse(f"<w:p>{group}</w:p><w:p>{older}</w:p>{table}", parts)
    assert document.text == "Two squares\n\nOld words\n\n| left |\n| --- |\n\nIn a cell"
    assert [data for _, data in shown(document)] == [parts[name][1] for name in ("red", "green", "blue", "black")]


def test_pictures_that_cannot_be_shown_keep_their_words():
    second = picture("emf", "A drawing") + picture("tiny", "An ornament")
    body = f"{paragraph('text')}<w:p>{picture('gone', 'Elsewhere')}</w:p><w:p>{second}</w:p>"
    document = parse(body, {"emf": ("image", b"\x01\0\0\0 no picture"), "tiny": ("image", png("red", 8))})
    assert document.text == "text\n\nElsewhere\n\nA drawing\n\nAn ornament"
    assert document.pictures == ()


def test_a_picture_that_is_shown_twice_is_kept_once():
    body = f"<w:p>{picture('p1', 'First')}</w:p><w:p>{picture('p1', 'Again')}</w:p>"
    document = parse(body, {"p1": ("image", png("red"))})
    assert document.text == "First\n\nAgain"
    assert [text for text, _ in shown(document)] == ["First"]


def test_a_damaged_picture_does_not_cost_the_text():
    red = png("red")
    body = f"{paragraph('text')}<w:p>{picture('p1')}</w:p>"
    data = zip_docx(body, {"word/a.png": red}, related={"p1": ("image", "a.png")})
    at = data.index(b"word/a.png") + len("word/a.png")
    document = DocxParser().parse(REF, data[:at] + b"\xff" * 8 + data[at + 8 :])
    assert document.text == "text\n\n[Pictures that cannot be shown: 1 damaged]"
    assert not document.pictures


def test_of_alternatives_one_is_read():
    def either(first: str, second: str) -> str:
        return (
            f"<w:r><mc:AlternateContent><mc:Choice Requires='wps'>{first}</mc:Choice>"
            f"<mc:Fallback>{second}</mc:Fallback></mc:AlternateContent></w:r>"
        )

    content = f"<w:txbxContent>{paragraph('In a box')}</w:txbxContent>"
    box = f"<w:drawing><wp:anchor><wps:wsp><wps:txbx>{content}</wps:txbx></wps:wsp></wp:anchor></w:drawing>"
    old = f"<w:pict><v:textbox>{content}</v:textbox></w:pict>"
    fallback = f"<mc:Fallback>{old.replace('a box', 'old')}</mc:Fallback>"
    only = f"<w:r><mc:AlternateContent>{fallback}</mc:AlternateContent></w:r>"
    lettering = "<w:r><w:pict><v:shape><v:textpath string='DRAFT'/></v:shape></w:pict></w:r>"
    text = parse(f"<w:p>{run('On it.')}{either(box, old)}{only}{lettering}</w:p>", {}).text
    assert text == "On it.\n\nIn a box\n\nIn old\n\nDRAFT"


def test_chart():
    def values(kind: str, *texts: str) -> str:
        points = "".join(f"<c:pt idx='{n}'><c:v>{text}</c:v></c:pt>" for n, text in enumerate(texts))
        return f"<c:{kind}><c:cache>{points}</c:cache></c:{kind}>"

    series = f"<c:ser>{values('tx', 'Sales')}{values('cat', 'May', 'June')}{values('val', '3', '4.5')}</c:ser>"
    title = "<c:title><c:tx><a:p><a:r><a:t>Growth</a:t></a:r></a:p></c:tx></c:title>"
    plot = f"<c:plotArea><c:lineChart>{series}</c:lineChart></c:plotArea>"
    place = "<c:chart r:id='c1'/>"
    chart = f"<c:chartSpace {SPACES}><c:chart>{title}{plot}</c:chart></c:chartSpace>"
    body = f"<w:p>{drawing(place, 'A line that rises')}</w:p>"
    assert parse(body, {"c1": ("chart", chart)}).text == (
        "A line that rises\n\nGrowth\n\n|  | Sales |\n| --- | --- |\n| May | 3 |\n| June | 4.5 |"
    )


def test_diagram():
    points = "<dgm:pt modelId='0' type='doc'/>" + "".join(
        f"<dgm:pt modelId='{n}'><dgm:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t></dgm:pt>"
        for n, text in enumerate(["Plan", "Do"], start=1)
    )
    links = "".join(f"<dgm:cxn srcId='0' destId='{n}' srcOrd='{n}'/>" for n in (1, 2))
    data = f"<dgm:dataModel {SPACES}><dgm:ptLst>{points}</dgm:ptLst><dgm:cxnLst>{links}</dgm:cxnLst></dgm:dataModel>"
    place = "<dgm:relIds r:dm='d1'/>"
    body = f"<w:p>{drawing(place)}</w:p>"
    assert parse(body, {"d1": ("diagramData", data)}).text == "- Plan\n- Do"
