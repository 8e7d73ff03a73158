"""How a report looks: in light and dark, on paper, on a telephone.

The scheme is said here alone: where a viewer refuses styles, the page stays light, as the charts then are.
"""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --page: #ffffff; --card: #f6f8fa; --ink: #1b1f24; --faint: #57606a;
  --line: #d0d7de; --grid: #e6eaef; --good: #1a7f37; --good-back: #e3f6e8; --bad: #b3202c; --bad-back: #ffebe9;
  --warn: #7d5200; --warn-back: #fff5d6; --calm: #0550ae; --calm-back: #e6f2ff; --old: #6e7781; --new: #0969da;
  --preparing: #d0d7de; --stepping: #b6d7ff; --promoting: #b4e6c1; --watching: #e4d4f8; --aborting: #ffc9c9; }
@media screen and (prefers-color-scheme: dark) { :root { --page: #0d1117; --card: #161b22; --ink: #e6edf3;
  --faint: #9aa4af; --line: #30363d; --grid: #21262d; --good: #56d364; --good-back: #10291a; --bad: #ff8b82;
  --bad-back: #34151a; --warn: #e3b341; --warn-back: #2e2309; --calm: #79c0ff; --calm-back: #0c2340; --old: #9aa4af;
  --new: #58a6ff; --preparing: #3b434c; --stepping: #1b4b82; --promoting: #1d5a32; --watching: #4a3573;
  --aborting: #7a2a2f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
h1 { font-size: 1.05rem; margin: 0 0 .75rem; font-weight: 600; color: var(--faint); }
h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; overflow-wrap: anywhere; }
p { margin: .3rem 0 .6rem; overflow-wrap: anywhere; }
.faint, .tick { color: var(--faint); }
.verdict { border-left: 6px solid currentColor; border-radius: 6px; padding: .8rem 1rem; }
.verdict p { color: var(--ink); font-size: 1.2rem; line-height: 1.4; margin: .15rem 0 0; }
.verdict strong { text-transform: uppercase; letter-spacing: .05em; font-size: .85rem; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); } .calm { color: var(--calm); }
.verdict.good { background: var(--good-back); } .verdict.bad { background: var(--bad-back); }
.verdict.warn { background: var(--warn-back); } .verdict.calm { background: var(--calm-back); }
.mark { font-weight: 600; white-space: nowrap; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .3rem 1.25rem; margin: 1rem 0 0; }
dt { color: var(--faint); } dd { margin: 0; overflow-wrap: anywhere; }
code, pre { font: .87em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem; margin: .4rem 0;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.scroll, .chart { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--faint); padding: .2rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--grid); }
th { font-weight: 600; } thead th { color: var(--faint); border-bottom-color: var(--line); white-space: nowrap; }
td.number, th.number { text-align: right; white-space: nowrap; }
td.wide { min-width: 16rem; overflow-wrap: anywhere; } td.rule { min-width: 9rem; } td.time { white-space: nowrap; }
.chart svg { display: block; width: 100%; min-width: 34rem; height: auto; margin: .3rem 0; }
.chart:focus-visible, .scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--calm); }
svg text { fill: var(--ink); } svg .tick { fill: var(--faint); } svg .limit-text { fill: var(--bad); }
svg .bar { stroke: var(--page); } svg .preparing { fill: var(--preparing); } svg .stepping { fill: var(--stepping); }
svg .promoting { fill: var(--promoting); } svg .watching { fill: var(--watching); }
svg .aborting { fill: var(--aborting); }
svg .axis { stroke: var(--line); } svg .grid { stroke: var(--grid); } svg .limit { stroke: var(--bad); }
svg .old { stroke: var(--old); } svg .new { stroke: var(--new); } svg .point { stroke: var(--page); stroke-width: 1; }
svg .healthy { fill: var(--good); } svg .unhealthy { fill: var(--bad); }
svg .unknown, svg .insufficient { fill: var(--warn); }
details { margin: .6rem 0; } summary { cursor: pointer; color: var(--calm); }
footer { margin-top: 2.5rem; color: var(--faint); font-size: .87rem; }
@media (max-width: 40rem) { main { padding: 1rem .8rem 2rem; } dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .5rem; } .verdict p { font-size: 1.05rem; } }
@media print { main { max-width: none; padding: 0; } body { font-size: 11px; } h2 { break-after: avoid; }
  tr, .chart, .verdict { break-inside: avoid; } .chart svg { min-width: 0; } .scroll, .chart { overflow: visible; }
  .verdict { -webkit-print-color-adjust: exact; print-color-adjust: exact; } svg { print-color-adjust: exact; } }
"""
