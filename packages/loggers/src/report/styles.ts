/** The report's only style sheet: light and dark, screen and paper. */
export const STYLES = `
:root { color-scheme: light dark; --ink: #1d2329; --dim: #5d6772; --paper: #ffffff; --panel: #f4f6f8;
  --line: #d5dbe1; --accent: #1f6fc4; --good: #1a7f45; --bad: #c0392b; --changed: #ffe39a; --wrong: #f6b5ae; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ec; --dim: #98a2ad; --paper: #15191e;
  --panel: #1e242b; --line: #343c46; --accent: #6fb1f3; --good: #58c98a; --bad: #ff8a7d;
  --changed: #6b5619; --wrong: #7c2f29; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 2rem 1.5rem 4rem; color: var(--ink); background: var(--paper);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { margin: 0; font-size: 1.9rem; letter-spacing: -0.01em; }
h2 { margin: 2.5rem 0 0.75rem; font-size: 1.25rem; }
h3 { margin: 1.5rem 0 0.5rem; font-size: 1rem; }
p { margin: 0.25rem 0; color: var(--dim); }
code, pre { font: 0.85em/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; }
pre { overflow-x: auto; padding: 1rem; background: var(--panel); border-radius: 8px; }
.status { font-weight: 600; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.cards { display: flex; flex-wrap: wrap; gap: 0.75rem; margin: 1.5rem 0 0; padding: 0; }
.cards div { flex: 1 1 9rem; padding: 0.75rem 1rem; background: var(--panel); border-radius: 8px; }
.cards dt { color: var(--dim); font-size: 0.85rem; }
.cards dd { margin: 0; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
.curves svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35rem 1rem 0.35rem 0; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { color: var(--dim); font-weight: 500; }
th:first-child, td:first-child { text-align: left; }
tr.best td { font-weight: 600; }
summary { cursor: pointer; color: var(--accent); }
.grids { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; }
figure { margin: 0; }
figcaption { max-width: 13rem; color: var(--dim); font-size: 0.8rem; }
figcaption b { color: var(--ink); font-weight: 600; }
.grids svg { display: block; color: var(--ink); }
.grids text { font: 14px system-ui, sans-serif; text-anchor: middle; dominant-baseline: central; fill: currentColor; }
.grids text.found { fill: var(--accent); }
.grids text.given { font-weight: 700; }
.grids .thin { fill: none; stroke: var(--line); stroke-width: 1; }
.grids .thick { fill: none; stroke: var(--dim); stroke-width: 1.6; }
.grids rect.wall { fill: var(--dim); }
.grids rect.path { fill: var(--accent); }
.grids rect.start, .grids rect.goal { fill: var(--changed); }
.grids rect.outside { fill: var(--panel); }
.grids rect.changed { fill: var(--changed); fill-opacity: 0.6; }
.grids rect.wrong { fill: var(--wrong); fill-opacity: 0.8; }
.key { padding: 0 0.35rem; border-radius: 4px; color: var(--ink); }
.key-changed { background: var(--changed); }
.key-wrong { background: var(--wrong); }
@media print { body { max-width: none; } details { display: none; } }
`;
