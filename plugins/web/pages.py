"""What a crawl reads of a page, of a sitemap and of the page that a site shows where there is none."""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

from plugins.web.addresses import clean

HTML = frozenset({"text/html", "application/xhtml+xml"})
# What is linked and no document: what pages are made of, films, programs.
_NO_DOCUMENTS = re.compile(
    r"^(image/|video/|audio/|font/|text/css|.*javascript|application/(octet-stream|json|ld\+json|wasm|x-msdownload|rss\+xml"
    r"|atom\+xml|manifest\+json|x-shockwave-flash|zip|gzip|x-tar|vnd\.(android|apple)\b))"
)
_ALIKE = 0.9


@dataclass(frozen=True, slots=True)
class Read:
    """What a page says. `links` and `canonical` are clean addresses, `digest` changes with what a reader sees."""

    digest: str
    title: str = ""
    links: tuple[str, ...] = ()
    canonical: str = ""
    is_hidden: bool = False  # it asks not to be indexed
    words: frozenset[str] = frozenset()


def is_document(media_type: str) -> bool:
    """Whether a file of this type is worth to be indexed."""
    return bool(media_type) and not _NO_DOCUMENTS.match(media_type)


def read_page(address: str, media_type: str, body: bytes, headers: Mapping[str, str]) -> Read:
    """Return what a page says; of a file that is not HTML, its digest only."""
    robots = headers.get("x-robots-tag", "").lower()
    hidden = "noindex" in robots or "none" in robots
    if media_type not in HTML:
        return Read(hashlib.sha256(body).hexdigest()[:32], is_hidden=hidden)
    return _read_html(address, body, robots, hidden=hidden)


def _read_html(address: str, body: bytes, robots: str, *, hidden: bool) -> Read:
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(body)
    base, canonical = address, ""
    for node in tree.css("base[href]")[:1]:
        base = clean(node.attributes.get("href") or "", address) or address
    for node in tree.css("link[rel=canonical][href]")[:1]:
        canonical = clean(node.attributes.get("href") or "", base) or ""
    for node in tree.css("meta[name=robots i]"):
        robots += " " + (node.attributes.get("content") or "").lower()
    hidden = hidden or "noindex" in robots or bool(re.search(r"\bnone\b", robots))
    found: dict[str, None] = {}
    for node in tree.css("a[href], area[href], iframe[src]"):
        link = clean(node.attributes.get("href") or node.attributes.get("src") or "", base)
        if link is not None and "nofollow" not in (node.attributes.get("rel") or "").lower():
            found[link] = None
    titles = tree.css("head title")
    title = " ".join(titles[0].text().split()) if titles else ""
    pictures = [f"{node.attributes.get('src')} {node.attributes.get('alt')}" for node in tree.css("img")]
    for node in tree.css("script, style, template"):
        node.decompose()
    text = tree.body.text(separator=" ") if tree.body is not None else ""
    seen = "\x1f".join((title, " ".join(text.split()), *found, *pictures, canonical))
    return Read(
        hashlib.sha256(seen.encode("utf-8", "replace")).hexdigest()[:32],
        title,
        () if re.search(r"nofollow|\bnone\b", robots) else tuple(found),
        canonical,
        hidden,
        frozenset(text.lower().split()),
    )


def is_alike(page: Read, missing: Read) -> bool:
    """Whether a page says what the site says where there is no page: the same title, and nearly the same words."""
    if page.title != missing.title or not missing.words:
        return False
    return len(page.words & missing.words) >= _ALIKE * len(page.words | missing.words)


def read_sitemap(address: str, body: bytes, most: int) -> tuple[list[str], dict[str, str]]:
    """Return the sitemaps that a sitemap names, and the pages with their dates (empty where it gives none).

    Args:
        address: the sitemap's own.
        body: XML or a line an address, plain or packed with gzip.
        most: bytes, unpacked; what is beyond is an error.

    Raises:
        ValueError: it is no sitemap, or too large.
    """
    if body[:2] == b"\x1f\x8b":
        try:
            body = gzip.GzipFile(fileobj=BytesIO(body)).read(most + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"it is damaged: {error}") from error
    if len(body) > most:
        raise ValueError(f"it has over {most:,} bytes")
    if not body.lstrip().startswith((b"<", b"\xef\xbb\xbf<")):
        lines = body.decode("utf-8", "replace").splitlines()
        return [], {page: "" for line in lines if (page := clean(line)) is not None and "://" in line}
    return _read_xml(address, body)


def _read_xml(address: str, body: bytes) -> tuple[list[str], dict[str, str]]:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(body.lstrip(), parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"it is no XML: {error}") from error
    name = etree.QName(root).localname
    if name not in {"urlset", "sitemapindex"}:
        raise ValueError(f"it is a {name}")
    entries: dict[str, str] = {}
    for entry in root:
        if not isinstance(entry.tag, str):
            continue
        values = {etree.QName(part).localname: (part.text or "").strip() for part in entry if isinstance(part.tag, str)}
        page = clean(values.get("loc", ""), address) if values.get("loc") else None
        if page is not None:
            entries[page] = values.get("lastmod", "")
    return (list(entries), {}) if name == "sitemapindex" else ([], entries)
