"""Reads what drawings in Office files say: the text of shapes, the figures of charts and the points of SmartArt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from assistant.parsing.builder import clean
from assistant.parsing.ooxml.package import attribute, find_child, local_name

if TYPE_CHECKING:
    from lxml.etree import _Element

_NAMES, _VALUES = frozenset({"cat", "xVal", "strDim"}), frozenset({"val", "yVal", "bubbleSize", "numDim"})
_DRAWN = frozenset({"pres", "parTrans", "sibTrans"})  # points of a diagram that stand for its drawing


def paragraph_text(paragraph: _Element) -> str:
    """Return the text of a DrawingML paragraph: runs, fields, formulas and line breaks."""
    parts: list[str] = []
    for element in paragraph.iter():
        name = local_name(element)
        if name == "t":
            parts.append(element.text or "")
        elif name == "br":
            parts.append("\n")
    return clean("".join(parts).replace("\v", "\n")).strip()


def paragraphs(root: _Element) -> Iterator[_Element]:
    """Yield the DrawingML paragraphs below `root`."""
    for element in root.iter():
        if local_name(element) == "p" and not any(local_name(above) == "p" for above in element.iterancestors()):
            yield element


def lines(root: _Element) -> str:
    """Return the text of the paragraphs below `root`, a line each."""
    return "\n".join(filter(None, map(paragraph_text, paragraphs(root))))


def chart_title(root: _Element) -> str:
    """Return the title of a chart part, on one line."""
    title = find_child(root, "chart", "title")
    if title is None:
        return ""
    text = lines(title) or " ".join(element.text or "" for element in title.iter() if local_name(element) == "v")
    return " ".join(clean(text).split())


def chart_axes(root: _Element) -> str:
    """Return the titles of a chart's axes, on one line."""
    plot = find_child(root, "chart", "plotArea")
    titles = [find_child(child, "title") for child in plot] if plot is not None else []
    return " / ".join(filter(None, (" ".join(lines(title).split()) for title in titles if title is not None)))


def chart_rows(root: _Element) -> list[list[str]]:
    """Return a chart's figures as rows: a header with the names of the series, then a row a category."""
    header: list[str] = []
    columns: list[dict[int, str]] = []
    shared: dict[int, str] | None = None
    for series in root.iter():
        if local_name(series) not in {"ser", "data"}:  # `data` in the newer kinds of chart
            continue
        categories = _points(item for item in series.iter() if local_name(item) in _NAMES)
        if shared is None or (categories and categories != shared):
            shared = categories
            header.append("")
            columns.append(categories)
        named = find_child(series, "tx")
        for values in series.iter():
            if local_name(values) in _VALUES:
                header.append(_value(named) if named is not None else "")
                columns.append(_points([values]))
    numbers = sorted({number for column in columns for number in column})
    return [header, *([column.get(number, "") for column in columns] for number in numbers)] if numbers else []


def _points(items: Iterable[_Element]) -> dict[int, str]:
    """Return the points that are stored below `items` by their numbers; the levels of a category are one text."""
    found: dict[int, str] = {}
    for item in items:
        for point in item.iter():
            number = attribute(point, "idx") or ""
            if local_name(point) != "pt" or not number.isdecimal() or len(number) > 6:
                continue
            text, inner = _value(point), found.get(int(number), "")
            found[int(number)] = f"{text} {inner}" if inner else text
    return found


def _value(element: _Element) -> str:
    """Return what a point of a chart says; numbers without the noise of their binary form."""
    said = [part.text for part in element.iter() if local_name(part) in {"v", "t"} and part.text]
    text = clean(" ".join(said or [element.text or ""])).strip()
    try:
        number = float(text) if len(text) > 15 or text.endswith(".0") else None
    except ValueError:
        return text
    return text if number is None else f"{number:.12g}"


def diagram_lines(root: _Element) -> str:
    """Return the points of a SmartArt's data part as a list, each as deep as it stands in the diagram."""
    texts: dict[str, str] = {}
    below: dict[str, list[tuple[int, str]]] = {}
    tops: list[str] = []
    for element in root.iter():
        name = local_name(element)
        if name == "pt" and attribute(element, "type") not in _DRAWN:
            identity = attribute(element, "modelId") or ""
            texts[identity] = " ".join(lines(element).split())
            if attribute(element, "type") == "doc":
                tops.append(identity)
        elif name == "cxn" and attribute(element, "type") in {None, "parOf"}:
            order = attribute(element, "srcOrd") or "0"
            item = (int(order) if order.isdecimal() else 0, attribute(element, "destId") or "")
            below.setdefault(attribute(element, "srcId") or "", []).append(item)
    written: list[str] = []
    waiting = [(0, top) for top in reversed(tops)]
    while waiting:
        depth, identity = waiting.pop()
        text = texts.pop(identity, None)
        if text is None:
            continue  # seen before: a diagram that contains itself
        if text:
            written.append(f"{'  ' * min(max(depth - 1, 0), 9)}- {text}")
        waiting += [(depth + 1, child) for _, child in sorted(below.get(identity, []), reverse=True)]
    return "\n".join([*written, *(f"- {text}" for text in texts.values() if text)])
