"""The frame of the API's own pages: no script, and a style sheet that their policy knows by its digest."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape

from fastapi.responses import HTMLResponse

_STYLE = """
:root { color-scheme: light dark; --accent: light-dark(#0f6b5c, #74cdb9); --on-accent: light-dark(#ffffff, #10201c);
  --text: light-dark(#1d2321, #e6eae8); --quiet: light-dark(#5b6662, #a3aeaa); --line: light-dark(#737d79, #7d8984);
  --back: light-dark(#f4f5f3, #141817); --card: light-dark(#ffffff, #191e1c); --edge: light-dark(#dfe3e0, #323a37);
  --bad: light-dark(#a32432, #f2919a); --bad-back: light-dark(#fdeeee, #3a1d20); }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; min-height: 100dvh; display: grid; place-items: center; padding: 1.5rem 1rem;
  background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { width: 100%; max-width: 25rem; padding: 2rem; border: 1px solid var(--edge); border-radius: 16px;
  background: var(--card); }
h1 { margin: 0 0 .25rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.01em; overflow-wrap: anywhere; }
p { margin: 0 0 1rem; color: var(--quiet); overflow-wrap: anywhere; }
.product { display: flex; align-items: center; gap: .5rem; margin: 0 0 1.5rem; color: var(--text); font-weight: 650; }
.product::before { content: ""; width: 1.125rem; height: 1.125rem; border-radius: 6px; background: var(--accent); }
form { margin: 1.25rem 0 0; }
label { display: block; margin: 0 0 .25rem; font-size: .875rem; font-weight: 600; }
input { width: 100%; margin: 0 0 1rem; padding: .625rem .75rem; font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--line); border-radius: 10px; }
.help { margin: -.625rem 0 1rem; font-size: .8125rem; }
button, .button { display: block; width: 100%; padding: .6875rem 1rem; font: inherit; font-weight: 600;
  text-align: center; color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent);
  border-radius: 10px; text-decoration: none; cursor: pointer; }
.second { color: var(--accent); background: none; }
button:hover, .button:hover { filter: brightness(1.08); }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
.or { display: flex; align-items: center; gap: .75rem; margin: 1.25rem 0; font-size: .875rem; }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--edge); }
.error { margin: 1rem 0 0; padding: .75rem 1rem; border-radius: 10px; color: var(--bad); background: var(--bad-back); }
.error span { display: block; color: var(--text); }
.above { margin: 1.25rem 0 0; }
.below { margin: 1.25rem 0 0; text-align: center; font-size: .875rem; }
@media (max-width: 30rem) { body { place-items: start center; padding: 0; background: var(--card); }
  main { border: 0; border-radius: 0; padding: 2rem 1.25rem; } }
"""
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def page(title: str, body: str, *, language: str, status: int = 200, targets: Sequence[str] = ()) -> HTMLResponse:
    """Return a page.

    Args:
        title: its heading, as plain text.
        body: what follows the heading, as HTML.
        language: of the page, as its tag (BCP 47).
        status: of the answer.
        targets: origins beside this one that a form of it may lead to.
    """
    name = escape(title)
    html = (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8"><title>{name} - Assistant</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        # without it, a browser would not say where its form comes from, and nothing could be told from a foreign one
        '<meta name="referrer" content="same-origin">'
        f"<style>{_STYLE}</style></head><body><main>"
        f'<p class="product">Assistant</p><h1>{name}</h1>{body}</main></body></html>'
    )
    policy = (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action {' '.join((chr(39) + 'self' + chr(39), *targets))}"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Content-Language": language,
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
    return HTMLResponse(html, status_code=status, headers=headers)


def field(
    name: str, label: str, kind: str, *, complete: str, value: str = "", helped: str = "", first: bool = False
) -> str:
    """Return a labelled field of a form, as HTML.

    Args:
        name, label, kind: its name, what stands above it, and `text` or `password`.
        complete: what a browser may fill in, as `autocomplete` says it.
        value: what stands in it.
        helped: a line of help below it.
        first: whether the cursor is in it at first.
    """
    described = f' aria-describedby="{name}-help"' if helped else ""
    below = f'<p class="help" id="{name}-help">{escape(helped)}</p>' if helped else ""
    focus = " autofocus" if first else ""
    spelled = ' autocapitalize="none" spellcheck="false"' if kind == "text" else ""
    return (
        f'<label for="{name}">{escape(label)}</label><input id="{name}" name="{name}" type="{kind}" required '
        f'maxlength="1000" autocomplete="{complete}" value="{escape(value)}"{spelled}{described}{focus}>{below}'
    )


def hidden(name: str, value: str) -> str:
    """Return a field that is sent along and not seen, as HTML."""
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def error(message: str, hint: str = "") -> str:
    """Return what went wrong, as HTML that screen readers say at once."""
    more = f"<span>{escape(hint[:1].upper() + hint[1:])}.</span>" if hint else ""
    return f'<div class="error" role="alert">{escape(message[:1].upper() + message[1:])}.{more}</div>'
