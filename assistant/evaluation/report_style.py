"""The style sheet of the evaluation report."""

STYLE = """
:root{color-scheme:light dark;--paper:#fff;--card:#f6f7f9;--ink:#1b1f24;--soft:#59636e;--line:#d1d9e0;
--yes:#116329;--no:#b3261e;
--c0:#2563a8;--c1:#b45f06;--c2:#2d7d46;--c3:#8a3fa0;--c4:#a32a44;--c5:#0f7c86}
@media(prefers-color-scheme:dark){:root{--paper:#14171c;--card:#1d2229;--ink:#e6e9ee;--soft:#a0a9b4;--line:#39414b;--yes:#5fd07f;
--no:#ff8a80;--c0:#6aa8ee;--c1:#eda24f;--c2:#6cc788;--c3:#c994dc;--c4:#f0869b;--c5:#5cc5cf}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1180px;margin:0 auto;padding:16px}
h1{font-size:1.6rem;margin:.2em 0}h2{font-size:1.2rem;margin:1.6em 0 .5em}h3,h4{font-size:1rem;margin:1em 0 .3em}
section{overflow-wrap:anywhere}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));gap:12px;align-items:start}
figure{margin:0;padding:10px;background:var(--card);border:1px solid var(--line);border-radius:8px}
figcaption{font-weight:600;margin-bottom:6px}
svg{width:100%;max-width:460px;height:auto;display:block}svg text{font:11.5px system-ui,sans-serif}
.wide{overflow-x:auto;margin:.7em 0}
table{border-collapse:collapse;width:100%}th,td{padding:5px 9px;border-bottom:1px solid var(--line);text-align:left;
vertical-align:top}
th{color:var(--soft);font-weight:600;white-space:nowrap}td{overflow-wrap:normal;font-variant-numeric:tabular-nums}
td:first-child{min-width:11em;overflow-wrap:anywhere}
details{margin:.5em 0}summary{cursor:pointer;padding:3px 0}
.question{border:1px solid var(--line);border-radius:8px;padding:6px 10px;background:var(--card)}
td .question{border:0;padding:0;background:none;margin:0}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:4px 20px}
ol{margin:0;padding-left:1.6em}li{margin:.25em 0}
small,.note{color:var(--soft)}.note{font-size:.9em;margin:.3em 0}.text{color:var(--soft);font-size:.9em}
.answer{white-space:pre-wrap;border-left:3px solid var(--line);padding-left:10px;margin:.5em 0}
.yes{color:var(--yes)}.no{color:var(--no)}
.key{display:inline-block;width:.75em;height:.75em;border-radius:2px;margin-right:.45em}
"""
