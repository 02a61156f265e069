"""Writes the formulas of Office files (OMML) in one line, as LaTeX, which people type and models read best."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant.parsing.builder import clean
from assistant.parsing.docx.math_symbols import ACCENTS, FUNCTIONS, LARGE, SYMBOLS
from assistant.parsing.ooxml.package import attribute, find_child, local_name

if TYPE_CHECKING:
    from lxml.etree import _Element

_SPACES = re.compile(r"[ \t\n\u00a0\u2000-\u200b]+")
_BEFORE_MARK = re.compile(r"(?<!\\) +(?=[_^}\])])")
_SLASH = "\\"
_NEXT_ROW = " \\\\ "
_WORD = re.compile(r"[^\W\d_]{2,}")
_DELIMITERS = {"{": "\\{", "}": "\\}", "": ".", "⟨": "\\langle ", "⟩": "\\rangle ", "‖": "\\|"} | {
    one: f"\\{name} " for one, name in {"⌊": "lfloor", "⌋": "rfloor", "⌈": "lceil", "⌉": "rceil"}.items()
}
_NOT_SHOWN = frozenset({"rPr", "ctrlPr", "del", "moveFrom", "instrText", "delText"})


def latex(formula: _Element) -> str:
    """Return an `oMath` element as LaTeX without the dollars around it; empty where it shows nothing."""
    return _BEFORE_MARK.sub("", _SPACES.sub(" ", clean(_inside(formula)))).strip()


def display(formulas: _Element) -> str:
    """Return the `oMath` elements in (or at) an element as LaTeX on lines of their own, with the dollars around it."""
    written = (latex(element) for element in formulas.iter() if local_name(element) == "oMath")
    return "\n".join(f"$${text}$$" for text in written if text)


def _inside(element: _Element | None) -> str:
    """Return what the children of an element say, one after the other; lxml bounds the depth at 256."""
    return "" if element is None else "".join(map(_one, element))


def _one(element: _Element) -> str:
    name = local_name(element)
    if name == "r":
        return _run(element)
    if name in _NOT_SHOWN or name.endswith("Pr"):
        return ""
    writer = _WRITERS.get(name)
    return writer(element) if writer is not None else _inside(element)


def _run(element: _Element) -> str:
    text = "".join(child.text or "" for child in element if local_name(child) == "t")
    properties = find_child(element, "rPr")
    if find_child(properties, "nor") is not None and _WORD.search(text):
        return f"\\text{{{text}}}"
    return "".join(map(_symbol, unicodedata.normalize("NFC", text)))


def _symbol(character: str) -> str:
    """Return a character as LaTeX; letters of the mathematical alphabets are plain ones."""
    if character in SYMBOLS:
        return f"\\{SYMBOLS[character]} "
    if character.isascii() or character.isspace():
        return f"\\{character}" if character in "{}%#&$" else character
    if 0x1D400 <= ord(character) <= 0x1D7FF:
        plain = unicodedata.normalize("NFKC", character)
        return _symbol(plain) if plain != character else character
    name = unicodedata.name(character, "").split()
    if name[:2] in (["GREEK", "SMALL"], ["GREEK", "CAPITAL"]) and name[2:3] == ["LETTER"] and len(name) == 4:
        letter = {"LAMDA": "lambda"}.get(name[3], name[3].lower())
        return f"\\{letter.capitalize() if name[1] == 'CAPITAL' else letter} "
    return {"\u2013": "-", "\u2212": "-", "\u2061": "", "\u2062": "", "\u2063": ""}.get(character, character)


def _part(element: _Element, name: str) -> str:
    return _inside(find_child(element, name)).strip()


def _setting(element: _Element, name: str, default: str = "") -> str:
    """Return a setting of an object, such as the character that a sum is drawn with; `default` where none is stated."""
    found = find_child(element, f"{local_name(element)}Pr", name)
    if found is None:
        return default
    value = attribute(found, "val")
    return "on" if value is None else value


def _hidden(element: _Element, name: str) -> bool:
    return _setting(element, name) in {"on", "1", "true"}


def _fraction(element: _Element) -> str:
    above, below = _part(element, "num"), _part(element, "den")
    kind = _setting(element, "type", "bar")
    if kind == "noBar":
        return f"\\binom{{{above}}}{{{below}}}"
    return f"{{{above}}}/{{{below}}}" if kind in {"lin", "skw"} else f"\\frac{{{above}}}{{{below}}}"


def _base(element: _Element) -> str:
    """Return what an exponent or index belongs to, in braces where it would else belong to the last sign alone."""
    text = _part(element, "e")
    single = find_child(element, "e")
    plain = single is None or all(local_name(child) in {"r", "ctrlPr"} for child in single)
    return text if plain or not text else f"{{{text}}}"


def _scripts(element: _Element) -> str:
    return f"{_base(element)}{_marks(element)}"


def _marks(element: _Element) -> str:
    lower, upper = _part(element, "sub"), _part(element, "sup")
    return f"{f'_{{{lower}}}' if lower else ''}{f'^{{{upper}}}' if upper else ''}"


def _scripts_before(element: _Element) -> str:
    return f"{{}}{_marks(element)}{_base(element)}"


def _root(element: _Element) -> str:
    degree = "" if _hidden(element, "degHide") else _part(element, "deg")
    return f"\\sqrt{f'[{degree}]' if degree else ''}{{{_part(element, 'e')}}}"


def _large(element: _Element) -> str:
    sign = _setting(element, "chr", "∫")
    name = LARGE.get(sign)
    return f"{f'{_SLASH}{name}' if name else sign}{_marks(element)} {_part(element, 'e')}"


def _delimited(element: _Element) -> str:
    begin, end = _setting(element, "begChr", "("), _setting(element, "endChr", ")")
    inside = [_inside(child).strip() for child in element if local_name(child) == "e"]
    text = _symbol(_setting(element, "sepChr", "|")[:1] or " ").join(inside)
    if text.startswith("\\binom{") and begin == "(" and len(inside) == 1:
        return text  # has its own
    return f"\\left{_DELIMITERS.get(begin, begin)}{text}\\right{_DELIMITERS.get(end, end)}"


def _function(element: _Element) -> str:
    return f"{_named(find_child(element, 'fName')).rstrip()}{_argument(_part(element, 'e'))}"


def _argument(text: str) -> str:
    return text if text.startswith(("\\left", "(", "{")) else f" {text}"


def _named(element: _Element | None) -> str:
    """Return the name of a function, below which a limit may stand."""
    if element is None:
        return ""
    written = []
    for child in element:
        name = local_name(child)
        if name in {"limLow", "limUpp"}:
            mark = "_" if name == "limLow" else "^"
            written.append(f"{_named(find_child(child, 'e')).rstrip()}{mark}{{{_part(child, 'lim')}}}")
        elif name in {"sSub", "sSup", "sSubSup"}:
            written.append(f"{_named(find_child(child, 'e')).rstrip()}{_marks(child)}")
        elif name == "r":
            text = "".join(part.text or "" for part in child if local_name(part) == "t").strip()
            plain = unicodedata.normalize("NFKC", text)
            known = f"\\{plain} " if plain in FUNCTIONS else f"\\operatorname{{{plain}}}"
            written.append(known if _WORD.fullmatch(plain) else "".join(map(_symbol, text)))
        else:
            written.append(_one(child))
    return "".join(written)


def _limit(element: _Element) -> str:
    below = local_name(element) == "limLow"
    base = _base(element)
    if base.startswith(("{\\underbrace", "{\\overbrace")):
        base = base[1:-1]
    return f"{base}{'_' if below else '^'}{{{_part(element, 'lim')}}}"


def _grouped(element: _Element) -> str:
    sign = _setting(element, "chr", "⏟")
    top = _setting(element, "pos", "bot") == "top"
    kind = {"⏟": "underbrace", "⏞": "overbrace"}.get(sign)
    if kind is None:
        return f"\\{'overset' if top else 'underset'}{{{_symbol(sign[:1] or ' ').strip()}}}{{{_part(element, 'e')}}}"
    return f"\\{kind}{{{_part(element, 'e')}}}"


def _bar(element: _Element) -> str:
    top = _setting(element, "pos", "bot") == "top"
    return f"\\{'overline' if top else 'underline'}{{{_part(element, 'e')}}}"


def _accent(element: _Element) -> str:
    return f"\\{ACCENTS.get(_setting(element, 'chr', '̂'), 'hat')}{{{_part(element, 'e')}}}"


def _matrix(element: _Element) -> str:
    rows = [
        " & ".join(_inside(cell).strip() for cell in row if local_name(cell) == "e")
        for row in element
        if local_name(row) == "mr"
    ]
    return _array(rows)


def _lines(element: _Element) -> str:
    rows = [_inside(row).strip() for row in element if local_name(row) == "e"]
    return rows[0] if len(rows) == 1 else _array(rows)


def _array(rows: list[str]) -> str:
    return f"\\begin{{matrix}}{_NEXT_ROW.join(rows)}\\end{{matrix}}"


_WRITERS: dict[str, Callable[[_Element], str]] = {
    "f": _fraction,
    "sSup": _scripts,
    "sSub": _scripts,
    "sSubSup": _scripts,
    "sPre": _scripts_before,
    "rad": _root,
    "nary": _large,
    "d": _delimited,
    "func": _function,
    "limLow": _limit,
    "limUpp": _limit,
    "groupChr": _grouped,
    "bar": _bar,
    "acc": _accent,
    "m": _matrix,
    "eqArr": _lines,
}
