"""What a second sync of a web site costs: `python -m tests.benchmarks.web_sync [--pages N] [--bytes N]`.

A site of pages of pseudo-text, each with ten links, is served here with ETags and crawled twice, the second time with
the cursor of the first. Counted is every byte that the server sent and received, headers included. What the indexing
fetches besides, once for each new page, is left out: it would only make the first sync dearer.
"""

from __future__ import annotations

import argparse
import json
import random
import time

from assistant.types import Changed, Checkpoint
from plugins.web import WebConfig, WebSource
from tests.plugins.web.site import WebSite, running

_WORDS = ("alpha", "border", "candle", "delta", "ember", "fathom", "garden", "harbour", "island", "juniper")


def fill(site: WebSite, pages: int, size: int) -> None:
    """Put pages there: each leads to ten others, and all are reached from the root."""
    dice = random.Random(7)
    for number in range(pages):
        ahead = range(number * 9 + 1, min(number * 9 + 10, pages))
        links = (*(f"/p/{one}" for one in ahead), f"/p/{dice.randrange(1, pages)}")
        text = " ".join(dice.choices(_WORDS, k=size // 7))
        site.html("/" if number == 0 else f"/p/{number}", f"{number} {text}", links)


def crawl(site: WebSite, cursor: str | None) -> dict[str, object]:
    """Crawl once; returns what was listed and what was transferred."""
    source = WebSource(WebConfig(start=(f"{site.url}/",), private_hosts=("localhost",), delay_seconds=0))
    site.sent = site.received = 0
    began = time.perf_counter()
    changes = list(source.changes(cursor))
    end = changes[-1]
    assert isinstance(end, Checkpoint)
    return {
        "marks": {change.key: change.version for change in changes if isinstance(change, Changed)},
        "complete": end.complete,
        "cursor": end.cursor,
        "sent": site.sent,
        "received": site.received,
        "seconds": round(time.perf_counter() - began, 1),
    }


def measure(pages: int, size: int) -> dict[str, float]:
    """Return the figures of two syncs of a site that does not change."""
    with running(WebSite()) as site:
        fill(site, pages, size)
        first = crawl(site, None)
        second = crawl(site, str(first["cursor"]))
    assert first["marks"] == second["marks"]
    down, up = (int(str(second[way])) / int(str(first[way])) for way in ("sent", "received"))
    both = [int(str(run["sent"])) + int(str(run["received"])) for run in (first, second)]
    return {
        "pages": len(dict(first["marks"])),  # type: ignore[call-overload]
        "first_bytes": int(str(first["sent"])),
        "second_bytes": int(str(second["sent"])),
        "share": round(down, 4),
        "share_with_requests": round(both[1] / both[0], 4),
        "requests_share": round(up, 2),
        "cursor_bytes": len(str(first["cursor"])),
        "first_seconds": float(str(first["seconds"])),
        "second_seconds": float(str(second["seconds"])),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--bytes", type=int, default=30_000)
    options = parser.parse_args()
    print(json.dumps(measure(options.pages, options.bytes), indent=2))


if __name__ == "__main__":
    main()
