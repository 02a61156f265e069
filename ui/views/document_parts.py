"""What a document was taken apart into: its pages with boxes, its blocks, its chunks; for those who may read it."""

from __future__ import annotations

from base64 import b64encode
from html import escape

import streamlit as st

from ui import inventory_texts, pager, render, session, texts, widgets
from ui.client import ApiError
from ui.inventory import Layout

_AT_ONCE = 40
_NO_PAGES = "UnsupportedFormatError"


def draw(part: str, source: str, key: str) -> None:
    """Draw a part of the document: `page`, `blocks` or `chunks`."""
    if part == "page":
        _page(source, key)
    elif part == "blocks":
        _blocks(source, key)
    else:
        _chunks(source, key)


@st.fragment
def _page(source: str, key: str) -> None:
    wanted = st.query_params.get("page", "")
    at = f"page-of-{source}-{key}"
    number = int(st.session_state.get(at) or (wanted if wanted.isdigit() else 1))
    api = session.client()
    with st.spinner(inventory_texts.DRAWING):
        image = session.attempt(lambda: api.page_image(source, key, page=number))
        layout = session.attempt(lambda: api.layout(source, key, number))
    if isinstance(image, ApiError):
        if image.code == _NO_PAGES:
            widgets.notice(inventory_texts.NO_PAGES, kind="quiet")
        else:
            widgets.failure(image, "page")
        return
    shown = None if isinstance(layout, ApiError) else layout
    pages = shown.pages if shown else 1
    with st.container(horizontal=True, vertical_alignment="center"):
        if pages > 1:
            st.number_input(inventory_texts.PAGE, 1, pages, number, key=at, width=160)
        boxes = st.toggle(inventory_texts.BOXES, value=True, key="page-boxes")
        st.html(render.element("p", escape(texts.page(number, pages)), "as-quiet-text"), width="content")
    if shown is not None and not shown.placed:
        widgets.notice(inventory_texts.NOT_PLACED, kind="quiet")
    st.html(page_html(image, shown if boxes else None) + _legend(shown if boxes else None))


def page_html(image: bytes, layout: Layout | None) -> str:
    """Return a page's picture with a box around each block, in the colour of its kind and with its name."""
    picture = render.element(
        "img", "", src=f"data:image/png;base64,{b64encode(image).decode('ascii')}", alt=inventory_texts.PAGE_ALT
    ).removesuffix("</img>")
    boxes = []
    for block in layout.blocks if layout else ():
        name = inventory_texts.KINDS.get(block.kind, block.kind)
        for left, top, right, bottom in block.places:
            style = (
                f"left:{left:.3%};top:{top:.3%};width:{max(0.0, right - left):.3%};height:{max(0.0, bottom - top):.3%}"
            )
            css, title = f"as-box as-box-{_kind(block.kind)}", f"{name} {block.number + 1}"
            boxes.append(render.element("span", "", css, style=style, title=title))
    return render.element("div", picture + "".join(boxes), "as-page")


def _kind(kind: str) -> str:
    return kind if kind in inventory_texts.KINDS else "text"


def _legend(layout: Layout | None) -> str:
    if layout is None or not layout.placed:
        return ""
    kinds = dict.fromkeys(block.kind for block in layout.blocks if block.places)
    entries = [
        render.element(
            "span",
            render.element("span", "", f"as-box-key as-box-{_kind(kind)}")
            + escape(inventory_texts.KINDS.get(kind, kind)),
        )
        for kind in kinds
    ]
    return render.element("div", "".join(entries), "as-about as-legend")


@st.fragment
def _blocks(source: str, key: str) -> None:
    at = _offset_key("blocks", source, key)
    offset = pager.offset_of(at)
    found = session.attempt(lambda: session.client().blocks(source, key, _AT_ONCE, offset))
    if isinstance(found, ApiError):
        widgets.failure(found, "blocks")
        return
    blocks, total = found
    if not total:
        widgets.notice(inventory_texts.NO_BLOCKS, kind="quiet")
        return
    st.html("".join(_piece(inventory_texts.block(one), one.text, one.kind) for one in blocks))
    _turn("blocks", at, offset, total)


@st.fragment
def _chunks(source: str, key: str) -> None:
    at = _offset_key("chunks", source, key)
    offset = pager.offset_of(at)
    found = session.attempt(lambda: session.client().chunks(source, key, _AT_ONCE, offset))
    if isinstance(found, ApiError):
        widgets.failure(found, "chunks")
        return
    chunks, total = found
    if not total:
        widgets.notice(inventory_texts.NO_CHUNKS, kind="quiet")
        return
    st.html(render.element("p", escape(inventory_texts.CHUNK_HELP), "as-quiet-text"))
    pieces = []
    for one in chunks:
        beside = [" \u203a ".join(one.heading_path)]
        beside += [f"{inventory_texts.TABLE_HEADER}: {one.table_header}"] if one.table_header else []
        beside += [f"{inventory_texts.CAPTIONS}: {one.captions}"] if one.captions else []
        pieces.append(_piece(inventory_texts.chunk(one), one.text, "", [text for text in beside if text]))
    st.html("".join(pieces))
    _turn("chunks", at, offset, total)


def _piece(head: str, text: str, kind: str, beside: list[str] | None = None) -> str:
    """Return a block or a chunk: its head, what stands beside it, its text as it is."""
    mark = render.element("span", "", f"as-box-key as-box-{_kind(kind)}") if kind else ""
    lines = "".join(render.element("p", escape(one), "as-quiet-text") for one in beside or ())
    body = render.element("div", mark + escape(head), "as-piece-head") + lines
    return render.element("section", body + render.element("div", escape(text), "as-text"), "as-piece")


def _offset_key(name: str, source: str, key: str) -> str:
    """Return where the session keeps which pieces of this document are shown."""
    return f"{name}-offset-{source}-{key}"


def _turn(name: str, at: str, offset: int, total: int) -> None:
    """Draw which pieces are shown, with buttons to the ones before and after where there are more."""
    if total <= _AT_ONCE:
        st.html(render.element("p", escape(texts.range_of(1, total, total)), "as-quiet-text"))
    pager.draw(at, offset, _AT_ONCE, total, name=name)
