from __future__ import annotations

import pytest

from assistant.parsing.docx.math import latex
from assistant.parsing.docx.parser import DocxParser
from assistant.parsing.media_types import DOCX
from assistant.parsing.safe_xml import safe_root
from assistant.types import DocumentRef
from tests.fakes.docx import SPACES, run, zip_docx


def said(formula: str) -> str:
    return latex(safe_root(f"<m:oMath {SPACES}>{formula}</m:oMath>".encode(), "formula"))


def r(text: str) -> str:
    return f"<m:r><m:t xml:space='preserve'>{text}</m:t></m:r>"


def part(name: str, *content: str) -> str:
    return f"<m:{name}>{''.join(content)}</m:{name}>"


def parse(body: str) -> str:
    return DocxParser().parse(DocumentRef("files", "a.docx", "v1", "a.docx", "", DOCX), zip_docx(body)).text


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (r("A=π") + part("sSup", part("e", r("r")), part("sup", r("2"))), r"A=\pi r^{2}"),
        (part("f", part("num", r("1")), part("den", r("n+1"))), r"\frac{1}{n+1}"),
        (part("f", "<m:fPr><m:type m:val='lin'/></m:fPr>", part("num", r("a")), part("den", r("b"))), "{a}/{b}"),
        (
            part("d", part("e", part("f", "<m:fPr><m:type m:val='noBar'/></m:fPr>", part("num", r("n")),
                                     part("den", r("k"))))),
            r"\binom{n}{k}",
        ),
        (part("sSup", part("e", part("d", part("e", r("x+1")))), part("sup", r("n"))), r"{\left(x+1\right)}^{n}"),
        (part("sSubSup", part("e", r("x")), part("sub", r("i")), part("sup", r("2"))), "x_{i}^{2}"),
        (part("sPre", part("sub", r("6")), part("sup", r("14")), part("e", r("C"))), "{}_{6}^{14}C"),
        (part("rad", "<m:radPr><m:degHide m:val='1'/></m:radPr>", part("deg"), part("e", r("x"))), r"\sqrt{x}"),
        (part("rad", part("deg", r("3")), part("e", r("x"))), r"\sqrt[3]{x}"),
        (
            part("nary", "<m:naryPr><m:chr m:val='∑'/></m:naryPr>", part("sub", r("i=1")), part("sup", r("∞")),
                 part("e", r("i"))),
            r"\sum_{i=1}^{\infty} i",
        ),
        (part("nary", "<m:naryPr><m:subHide m:val='on'/><m:supHide/></m:naryPr>", part("sub"), part("sup"),
              part("e", r("x"))), r"\int x"),
        (part("func", part("fName", r("log")), part("e", part("d", part("e", r("x"))))), r"\log\left(x\right)"),
        (part("func", part("fName", r("rank")), part("e", r("A"))), r"\operatorname{rank} A"),
        (
            part("func", part("fName", part("limLow", part("e", r("lim")), part("lim", r("n→0")))), part("e", r("n"))),
            r"\lim_{n\to 0} n",
        ),
        (part("acc", "<m:accPr><m:chr m:val='\u20d7'/></m:accPr>", part("e", r("v"))), r"\vec{v}"),
        (part("bar", "<m:barPr><m:pos m:val='top'/></m:barPr>", part("e", r("x"))), r"\overline{x}"),
        (
            part("limLow", part("e", part("groupChr", part("e", r("a+b")))), part("lim", r("n"))),
            r"\underbrace{a+b}_{n}",
        ),
        (part("m", part("mr", part("e", r("1")), part("e", r("0"))), part("mr", part("e", r("0")), part("e", r("1")))),
         r"\begin{matrix}1 & 0 \\ 0 & 1\end{matrix}"),
        (part("eqArr", part("e", r("a")), part("e", r("b"))), r"\begin{matrix}a \\ b\end{matrix}"),
        (
            part("d", "<m:dPr><m:begChr m:val='{'/><m:endChr m:val=''/></m:dPr>", part("e", r("x"))),
            r"\left\{x\right.",
        ),
        (r("𝑥 ≤ \u2013y"), r"x \leq -y"),
        (r("Δt α ϵ"), r"\Delta t \alpha \epsilon"),
        ("<m:r><m:rPr><m:nor/></m:rPr><m:t>where the</m:t></m:r>", r"\text{where the}"),
        (r("5% of {x}"), r"5\% of \{x\}"),
        (part("f"), r"\frac{}{}"),
        (part("f", part("num", r("unknown")), "<m:den><m:newThing><m:e>" + r("y") + "</m:e></m:newThing></m:den>"),
         r"\frac{unknown}{y}"),
        ("", ""),
    ],
)  # fmt: skip
def test_formulas(formula: str, text: str):
    assert said(formula) == text


def test_within_a_line_and_on_lines_of_their_own():
    one, two = (f"<m:oMath>{r(text)}</m:oMath>" for text in ("a=b", "c=d"))
    body = (
        f"<w:p>{run('where ')}{one}{run(' holds')}</w:p><w:p>{one}{two}</w:p>"
        f"<w:p><m:oMathPara>{one}</m:oMathPara></w:p><m:oMathPara>{two}</m:oMathPara>"
        f"<w:p>{run('with ')}{one}{two}</w:p><w:p><m:oMath/></w:p>"
    )
    assert parse(body) == "where $a=b$ holds\n\n$$a=b$$\n$$c=d$$\n\n$$a=b$$\n\n$$c=d$$\n\nwith $a=b$ $c=d$"
