"""One spelling for each address, what lies within the crawl, and the keys that stand for addresses."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from plugins.net import PORTS

_TRACKING = re.compile(r"^(utm_\w+|gclid|fbclid|mc_[ce]id|phpsessid|jsessionid|sessionid)=", re.IGNORECASE)
_SAFE = "/:@!$&'()*+,;=-._~"
_LONGEST = 2000  # characters of an address; longer ones are traps


def clean(address: str, base: str = "") -> str | None:
    """Return an address in the one spelling that the source uses; None where it is no http or https address.

    Args:
        address: as it stands in a page, absolute or not.
        base: the page's own address.
    """
    try:
        parts = urlsplit(urljoin(base, address.strip()))
        host, port = (parts.hostname or "").encode("idna").decode("ascii").lower(), parts.port
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in PORTS or not host or parts.username is not None or len(address) > _LONGEST:
        return None
    if ":" in host:
        host = f"[{host}]"
    netloc = host if port in {None, PORTS[parts.scheme]} else f"{host}:{port}"
    path = re.sub("/{2,}", "/", "/" + parts.path)
    ends = "/" if path.endswith(("/", "/.", "/..")) else ""
    path = posixpath.normpath(path)
    path = path.rstrip("/") + ends if path != "/" else "/"
    path = quote(_decoded(path), safe=_SAFE + "%")
    query = "&".join(part for part in parts.query.split("&") if part and not _TRACKING.match(part))
    return urlunsplit((parts.scheme, netloc, path, quote(query, safe=_SAFE + "%?"), ""))


def _decoded(path: str) -> str:
    """Return a path without needless escapes: those of `/`, `?`, `#`, `%` and of what is not UTF-8 stay."""

    def readable(found: re.Match[str]) -> str:
        try:
            text = unquote(found[0], errors="strict")
        except UnicodeDecodeError:
            return found[0].upper()
        return "".join(quote(char, safe="") if char in "/?#%" or ord(char) < 32 else char for char in text)

    return re.sub("(?:%[0-9A-Fa-f]{2})+", readable, path)


def origin(address: str) -> str:
    """Return scheme and host of an address, with a slash at the end."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}/"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which addresses belong to the crawl, and the key of each: its path, after the host where there are several.

    Args:
        start: clean addresses.
        within: clean addresses that those of the crawl begin with; empty for what is beside and below `start`.
        exclude: likewise what is left out.
    """

    start: Sequence[str]
    within: Sequence[str] = ()
    exclude: Sequence[str] = ()
    _within: tuple[str, ...] = field(init=False, default=())
    _only: str | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        within = tuple(self.within) or tuple(urljoin(one, ".") for one in self.start)
        origins = sorted({origin(one) for one in (*within, *self.start)})
        object.__setattr__(self, "_within", within)
        object.__setattr__(self, "_only", origins[0] if len(origins) == 1 else None)

    def holds(self, address: str) -> bool:
        """Whether a clean address belongs to the crawl."""
        inside = address in self.start or any(address.startswith(one) for one in self._within)
        return inside and not any(address.startswith(one) for one in self.exclude)

    def key(self, address: str) -> str:
        """Return the key of a clean address; `/` is the root's."""
        parts = urlsplit(address)
        path = _decoded(parts.path) + (f"?{parts.query}" if parts.query else "")
        if self._only is not None:
            return path.removeprefix("/") or "/"
        netloc = f"{parts.netloc}:80" if parts.scheme == "http" and parts.port is None else parts.netloc
        return netloc + path

    def address(self, key: str) -> str | None:
        """Return the address of a key, None where it is none of this crawl's."""
        if self._only is not None:
            url = clean(self._only + quote("" if key == "/" else key, safe=_SAFE + "%?"))
        else:
            netloc, slash, path = key.partition("/")
            scheme = "http" if ":" in netloc and not netloc.endswith(":443") else "https"
            known = {urlsplit(one).netloc: urlsplit(one).scheme for one in (*self._within, *self.start)}
            scheme = known.get(netloc, scheme)
            url = clean(f"{scheme}://{netloc}{slash}{quote(path, safe=_SAFE + '%?')}")
        return url if url is not None and self.holds(url) and self.key(url) == key else None
