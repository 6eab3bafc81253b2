/** The report's only style sheet: light and dark, wide and narrow, screen and paper. */

/** Text has a contrast of at least 4.5 with its background, lines of charts one of 3. */
export const COLOURS =
  '--ink:#1a2026;--dim:#56616d;--paper:#fff;--panel:#f4f6f8;--line:#d3dae1;--accent:#1a62ad;' +
  '--good:#17703c;--bad:#b3261e;--warn:#8a5300;--changed:#fff0c2;--wrong:#fbd5d0;--cross:#b3261e;' +
  '--k0:#2a72b8;--k1:#c25e00;--k2:#1f7a4d;--k3:#8a4fb0;--k4:#a8324a;--k5:#56616d;';
export const DARK_COLOURS =
  '--ink:#e6eaee;--dim:#a3aeb9;--paper:#14181d;--panel:#1d232a;--line:#39424c;--accent:#7db8f5;' +
  '--good:#5fce90;--bad:#ff8f83;--warn:#f0b455;--changed:#5a4a18;--wrong:#6b2722;--cross:#ff9d92;' +
  '--k0:#6fb1f3;--k1:#f2a04c;--k2:#5fce90;--k3:#c79be8;--k4:#f58ca0;--k5:#a3aeb9;';

export const CHART_STYLES = `
.grid{fill:none;stroke:var(--line);stroke-width:1}
.line{fill:none;stroke-width:1.8;stroke-linejoin:round}
.faint{stroke-width:1;opacity:.35}
.mark{stroke:var(--paper);stroke-width:1}
.tick.mid{text-anchor:middle}.tick.end{text-anchor:end}
.line.k0{stroke:var(--k0)}.line.k1{stroke:var(--k1)}.line.k2{stroke:var(--k2);stroke-dasharray:7 3}
.line.k3{stroke:var(--k3);stroke-dasharray:2 3}.line.k4{stroke:var(--k4);stroke-dasharray:9 3 2 3}.line.k5{stroke:var(--k5);stroke-dasharray:4 4}
.mark.k0{fill:var(--k0)}.mark.k1{fill:var(--k1)}.mark.k2{fill:var(--k2)}.mark.k3{fill:var(--k3)}.mark.k4{fill:var(--k4)}.mark.k5{fill:var(--k5)}`;

export const STYLES = `
:root{color-scheme:light dark;${COLOURS}}
@media screen and (prefers-color-scheme:dark){:root{${DARK_COLOURS}}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1.25rem 1.5rem 4rem;color:var(--ink);background:var(--paper);
  font:15px/1.45 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
h1{margin:0;font-size:1.6rem;letter-spacing:-.01em;line-height:1.2}
h2{margin:2rem 0 .5rem;font-size:1.15rem}h2 span{font-size:.9rem;font-weight:400}
h3{margin:1.1rem 0 .5rem;font-size:.95rem}
p{margin:.25rem 0}
a{color:var(--accent)}
.dim,figcaption span{color:var(--dim)}
code,pre{font:.85em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{margin:.2rem 0;padding:.2rem .7rem;background:var(--panel);border-radius:6px;white-space:pre-wrap}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
header{display:flex;flex-wrap:wrap;gap:.3rem .8rem;align-items:baseline}
header p{flex-basis:100%}
.status{padding:.05rem .6rem;border:1.5px solid currentColor;border-radius:1rem;font-weight:600;font-size:.85rem}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.plain{color:var(--dim)}
.notice{margin:.9rem 0 0;padding:.7rem 1rem;border:1px solid currentColor;border-left-width:5px;border-radius:6px}
.notice>*{color:var(--ink)}
.notice dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.4rem 0 0}
.notice dt{color:var(--dim)}.notice dd{margin:0;white-space:pre-wrap}
.top{display:grid;grid-template-columns:minmax(20rem,1fr) 3fr;gap:1rem;margin-top:.8rem}
.result,.facts{padding:.8rem 1.1rem;background:var(--panel);border-radius:8px}
.result .figure{margin:0;font-size:2.5rem;font-weight:650;line-height:1.1;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.result .what{margin:0 0 .3rem;font-weight:600}
.result ul{margin:.4rem 0 0;padding:.3rem 0 0;border-top:1px solid var(--line);list-style:none;font-size:.9rem}
.result li{display:flex;justify-content:space-between;gap:1rem}
.facts{display:grid;grid-template-columns:repeat(3,1fr);gap:.6rem 1.5rem;margin:0;align-content:start}
.facts dt{color:var(--dim);font-size:.8rem}
.facts dd{margin:0}
.facts small{display:block;color:var(--dim);font-size:.85rem}
figure{margin:0}
.charts{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:1rem 1.5rem;margin-top:.9rem}
.charts.one{grid-template-columns:minmax(0,34rem)}
.chart figcaption{margin-bottom:.3rem;font-size:.85rem;line-height:1.4}
.chart figcaption b{display:block;font-size:.95rem}
.chart svg[role=img]{display:block;width:100%;height:auto;aspect-ratio:380/210}
.chart text{font:11px system-ui,sans-serif;fill:var(--dim)}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1rem;margin:.1rem 0 0;padding:0 0 0 2.4rem;list-style:none;font-size:.8rem}
.legend svg{margin-right:.4rem;vertical-align:middle}
${CHART_STYLES}
section[aria-labelledby=use] h2{margin-top:1.2rem}
.use{display:grid;grid-template-columns:max-content 1fr;gap:0 1rem;margin:0;align-items:baseline}
.use dt{font-size:.9rem;color:var(--dim)}.use dd{margin:0}
table{width:100%;margin-bottom:1.2rem;border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{padding:.3rem 0;text-align:left;color:var(--dim)}
th,td{padding:.35rem 0 .35rem 1rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}
thead th{color:var(--dim);font-weight:500;white-space:nowrap}
th:first-child,td:first-child{padding-left:0;text-align:left}
tbody th{font-weight:500}
tbody th small{display:block;color:var(--dim);font-weight:400;font-size:.83rem}
td.words,th.words{text-align:left}
.chosen{background:var(--panel);font-weight:650}
.bar{display:inline-block;width:100%;height:.6rem}.tight th{white-space:nowrap}.bar rect{fill:var(--k0)}
.pair{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 2rem}
article{margin:0 0 1.2rem;padding-top:.7rem;border-top:1px solid var(--line)}
article h4{margin:0 0 .4rem;font-size:.9rem}
.grids{display:flex;flex-wrap:wrap;gap:.8rem;align-items:flex-start}
.grids figcaption{max-width:9rem;color:var(--dim);font-size:.78rem;line-height:1.3}
.grids figcaption b{display:block;color:var(--ink)}
.grids svg{display:block;max-width:100%;height:auto}
.grids text{font:14px system-ui,sans-serif;text-anchor:middle;dominant-baseline:central;fill:var(--accent)}
.grids text.given{fill:var(--ink);font-weight:700}
.thin{fill:none;stroke:var(--line);stroke-width:1}
.thick{fill:none;stroke:var(--dim);stroke-width:1.6}
.changed{fill:var(--changed)}.wrong{fill:var(--wrong)}
.ring{fill:none;stroke:var(--warn);stroke-width:1.4;stroke-dasharray:3 2}
.cross{fill:none;stroke:var(--cross);stroke-width:1.6}
.wall{fill:var(--dim)}.path{fill:var(--accent)}.start,.goal{fill:var(--changed)}.outside{fill:var(--panel)}
.key{white-space:nowrap}.key svg{vertical-align:-.2em;margin-right:.2rem}
summary{cursor:pointer;color:var(--accent)}
@media(max-width:820px){
  .top,.pair,.use{grid-template-columns:minmax(0,1fr)}
  .facts{grid-template-columns:1fr 1fr}
  .use dt{margin-top:.5rem}
  .charts{grid-template-columns:minmax(0,1fr)}
}
@media(max-width:480px){
  body{padding:1rem 1rem 3rem}
  .facts{grid-template-columns:1fr}
  .more{display:none}
  th,td{padding-left:.6rem}
  .stacks thead{display:none}
  .stacks tr{display:block;padding:.4rem 0;border-bottom:1px solid var(--line)}
  .stacks th,.stacks td{display:flex;justify-content:space-between;padding:.1rem 0;border:0}
  .stacks td::before{content:attr(data-name);color:var(--dim)}
}
@page{margin:14mm}
@media print{
  body{max-width:none;padding:0;font-size:10pt}
  .top{grid-template-columns:2fr 4fr}.facts{grid-template-columns:1fr 1fr}
  .charts{grid-template-columns:repeat(3,minmax(0,1fr));gap:.5rem 1rem}.charts.one{grid-template-columns:minmax(0,26rem)}
  .pair{grid-template-columns:repeat(2,minmax(0,1fr))}
  .grids{gap:.5rem}.grids figure{width:30%}.grids figure svg{width:100%}
  article,figure,tr,.notice,.result,.facts{break-inside:avoid}
  h2,h3,h4{break-after:avoid}
  .result,.facts,pre,.chosen{background:none}.result,.facts,pre{border:1px solid var(--line)}
  details::details-content{content-visibility:visible;block-size:auto}
}
`;
