/** The page's only style. Colours are pairs that keep 4.5:1 in light and dark; outcome is always a word or sign too, never colour alone. */
export const HTML_STYLE = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#57606a;--line:#c9d1d9;--panel:#f6f8fa;--good:#116329;--bad:#a40e26;--warn:#7d4e00;--good-bg:#dafbe1;--bad-bg:#ffebe9;--warn-bg:#fff8c5;--note:#eef2f6;--bar:#0969da}
@media (prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--dim:#9da7b3;--line:#3d444d;--panel:#161b22;--good:#56d364;--bad:#ff9b93;--warn:#e3b341;--good-bg:#12261e;--bad-bg:#2d1618;--warn-bg:#272115;--note:#1c2430;--bar:#58a6ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1rem;background:var(--bg);color:var(--fg);font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.4rem}h2{font-size:1.15rem;margin-top:2rem}h3{font-size:1rem}
.verdict{padding:.6rem .9rem;border-radius:.4rem;font-weight:600}
.pass,.good{color:var(--good)}.fail,.bad{color:var(--bad)}.error,.warn{color:var(--warn)}.skip,.dim{color:var(--dim)}
.verdict.good,td.pass{background:var(--good-bg)}.verdict.bad,td.fail{background:var(--bad-bg)}.verdict.warn,td.error{background:var(--warn-bg)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;margin:.6rem 0}th,td{border:1px solid var(--line);padding:.3rem .6rem;text-align:left;vertical-align:top}thead th{background:var(--panel)}
td.cell{text-align:center;white-space:nowrap}td small{display:block}
details{border:1px solid var(--line);border-radius:.4rem;margin:.35rem 0;background:var(--panel)}summary{padding:.4rem .7rem;cursor:pointer;overflow-wrap:anywhere}details>div{padding:.2rem .9rem .8rem;background:var(--bg);border-radius:0 0 .4rem .4rem}
pre{background:var(--panel);padding:.6rem;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85rem;border-radius:.3rem}code{overflow-wrap:anywhere}
svg{max-width:100%;height:auto;color:var(--fg)}svg text{fill:var(--fg);font:12px system-ui,sans-serif}
.sequence text{text-anchor:middle}.sequence .actor{fill:var(--panel);stroke:var(--line)}.sequence .life{stroke:var(--line);stroke-dasharray:3 3}.sequence .who{font-weight:600}
.sequence g line{stroke:var(--fg)}.sequence g .tip{fill:var(--fg)}.sequence .reply line{stroke-dasharray:5 4}.sequence .note rect{fill:var(--note);stroke:var(--line)}
.sequence .reply.good text,.sequence .note.good text{fill:var(--good)}.sequence .reply.bad text,.sequence .note.bad text{fill:var(--bad)}
.plot{max-width:640px;width:100%}.plot .bar{fill:var(--bar)}.plot .axis{stroke:var(--dim)}.plot .mark{stroke:var(--warn);stroke-dasharray:4 3}.plot .mark-name{fill:var(--warn)}
@media (max-width:40rem){body{padding:.6rem}th,td{padding:.2rem .35rem;font-size:.9rem}}
`.trim()
