"""Markup that would do something in a page, if it were let: each sets `window.hacked`, or asks a foreign host."""

from __future__ import annotations

FOREIGN = "http://tracker.example"
_RUN = "window.hacked=true"
MARKUP = (
    f"<script>{_RUN}</script>",
    f"</span></div></p><script>{_RUN}</script>",
    f"<img src=x onerror={_RUN}>",
    f'"><img src=x onerror="{_RUN}">',
    f"'><svg onload={_RUN}>",
    f"<svg><animate onbegin={_RUN} attributeName=x dur=1s></svg>",
    f'<svg><a xlink:href="javascript:{_RUN}"><text x=20 y=20>press</text></a></svg>',
    f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{FOREIGN}/a.svg"/><use href="{FOREIGN}/b.svg#x"/></svg>',
    f"<math><mtext><table><mglyph><style><img src=x onerror={_RUN}>",
    f'<iframe srcdoc="<script>parent.{_RUN}</script>"></iframe><iframe src="{FOREIGN}/frame"></iframe>',
    f'<object data="{FOREIGN}/o"></object><embed src="{FOREIGN}/e"><link rel=stylesheet href="{FOREIGN}/s.css">',
    f"<style>@import '{FOREIGN}/i.css'; * {{ background: url({FOREIGN}/bg) }}</style>",
    f'<div style="background:url({FOREIGN}/inline)">x</div><base href="{FOREIGN}/"><meta http-equiv=refresh content=0>',
    f'<video src="{FOREIGN}/v" autoplay></video><audio src="{FOREIGN}/a" autoplay><input autofocus onfocus={_RUN}>',
    f"<details open ontoggle={_RUN}>x</details><body onload={_RUN}><marquee onstart={_RUN}>",
    f"<form action={FOREIGN}><button formaction=javascript:{_RUN}>press</button></form>",
    f"[press](javascript:{_RUN}) [b](data:text/html,<script>parent.{_RUN}</script>) [c]({FOREIGN}/link)",
    f"<{FOREIGN}/auto>",
    f"![p]({FOREIGN}/pixel.png) ![q][r]\n\n[r]: {FOREIGN}/ref.png",
    f"`<img src=x onerror={_RUN}>` ```html\n<img src=x onerror={_RUN}>\n```",
    f"| a | b |\n|---|---|\n| <img src=x onerror={_RUN}> | ![p]({FOREIGN}/cell.png) |",
    f"&lt;img src=x onerror={_RUN}&gt; &#60;script&#62;{_RUN}&#60;/script&#62;",
    f"<scr\x00ipt>{_RUN}</scr\x00ipt> <img/src=x\tonerror\n=\n{_RUN}> \u202e<img src=x onerror={_RUN}>",
    f"$$\\href{{javascript:{_RUN}}}{{x}}$$ $\\includegraphics{{{FOREIGN}/tex.png}}$ :material/home:",
    f":red[x] ![a](x){{onerror={_RUN}}}",
    "{{7*7}} ${7*7} <%= 7*7 %> [1] [withdrawn]",
)
