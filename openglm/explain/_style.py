"""The style sheet of the report page: one column of text, two palettes, and print."""

from __future__ import annotations

# Contrast of ink, muted and accent on their papers is at least 4.5 : 1 (WCAG 2.1, AA), checked in the tests.
LIGHT = {
    "paper": "#fcfbf8", "card": "#ffffff", "ink": "#1c2226", "muted": "#5c676d", "line": "#e4e0d7", "soft": "#f3f0e9",
    "accent": "#0a6a82", "on-accent": "#ffffff", "good": "#1d6b46", "good-soft": "#e4f1e9", "bad": "#a63d1c",
    "bad-soft": "#f9e7e0", "warn": "#7d5a00", "warn-soft": "#f8efd6", "second": "#a8540b",
}  # fmt: skip
DARK = {
    "paper": "#14181b", "card": "#1b2024", "ink": "#e9e6df", "muted": "#a0abb1", "line": "#30373c", "soft": "#20262a",
    "accent": "#66c6dc", "on-accent": "#0d1417", "good": "#7ed0a2", "good-soft": "#1b3327", "bad": "#ff9c80",
    "bad-soft": "#402019", "warn": "#e6bd63", "warn-soft": "#3a2f14", "second": "#f2a65a",
}  # fmt: skip


def _variables(palette: dict[str, str]) -> str:
    return "".join(f"--{name}:{colour};" for name, colour in palette.items())


STYLE = (
    ":root{color-scheme:light dark;" + _variables(LIGHT) + "}\n"
    "@media (prefers-color-scheme:dark){:root{" + _variables(DARK) + "}}\n"
    "@media print{:root{color-scheme:light;"
    + _variables(LIGHT)
    + "}}\n"
    + """
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 "Inter","Segoe UI",system-ui,-apple-system,
"PingFang SC","Hiragino Sans GB","Microsoft YaHei","Noto Sans CJK SC",sans-serif;font-variant-numeric:tabular-nums}
:lang(zh){line-height:1.75}
main{max-width:824px;margin:0 auto;padding:56px 32px 96px}
.kicker{margin:0 0 18px;color:var(--muted);font-size:13px;letter-spacing:.06em;display:flex;gap:6px 18px;flex-wrap:wrap}
.kicker b{color:var(--accent);font-weight:650}
h1{margin:0 0 18px;font:400 30px/1.36 "Charter","Bitstream Charter","Sitka Text",Cambria,Georgia,"Liberation Serif",
"DejaVu Serif",serif;letter-spacing:-.006em;text-wrap:pretty;overflow-wrap:anywhere}
:lang(zh) h1{font-family:"Source Han Serif SC","Noto Serif CJK SC","Songti SC",STSong,SimSun,serif;
line-height:1.55;letter-spacing:.01em;text-spacing-trim:trim-start}
h1 strong{font-weight:600;color:var(--accent);white-space:nowrap}
.keep{white-space:nowrap}
.lead{margin:0 0 26px;color:var(--muted);font-size:17px;max-width:66ch}
.verdict{display:flex;flex-wrap:wrap;gap:4px 20px;align-items:baseline;padding:14px 18px;border-radius:10px;
background:var(--good-soft);color:var(--good)}
.verdict.no{background:var(--bad-soft);color:var(--bad)}
.verdict strong{font-weight:650}
.verdict span{color:var(--ink)}
section{margin-top:52px;break-inside:avoid-page}
section.long{break-inside:auto}
h2{margin:0 0 14px;padding-top:14px;border-top:1px solid var(--line);font-size:19px;line-height:1.35;font-weight:650;
letter-spacing:-.004em}
h3{margin:26px 0 8px;font-size:15px;font-weight:650}
p{margin:0 0 12px;overflow-wrap:anywhere}
.note{color:var(--muted);font-size:14px;max-width:76ch}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:14.5px;line-height:1.45}
th{text-align:left;font-weight:500;color:var(--muted);font-size:13px;white-space:nowrap}
th,td{padding:8px 14px 8px 0;border-bottom:1px solid var(--line);vertical-align:top}
th:last-child,td:last-child{padding-right:0}
td{overflow-wrap:anywhere}
td.key{white-space:nowrap;overflow-wrap:normal}
td.val{min-width:112px}
.num{text-align:right;white-space:nowrap;overflow-wrap:normal}
th.num{text-align:right}
.num+td:not(.num),.num+th:not(.num){padding-left:18px}
.way{color:var(--muted);margin-left:5px}
tr.chosen td{font-weight:650}
tr.member td:first-child{box-shadow:inset 3px 0 var(--accent);padding-left:12px}
tr.failed td{color:var(--muted)}
.sub{display:block;color:var(--muted);font-size:13px;font-weight:400;overflow-wrap:anywhere}
.tag{display:inline-block;padding:0 8px;border-radius:99px;font-size:12.5px;line-height:1.7;white-space:nowrap;
background:var(--soft);color:var(--muted)}
.tag.warning{background:var(--warn-soft);color:var(--warn)}
.tag.blocker,.tag.broken{background:var(--bad-soft);color:var(--bad)}
.tag.kept{background:var(--good-soft);color:var(--good)}
blockquote{margin:0 0 18px;padding:2px 0 2px 18px;border-left:3px solid var(--accent);font-size:18px;
overflow-wrap:anywhere}
blockquote mark{background:none;color:inherit;border-bottom:2px solid var(--accent)}
.tiles{display:flex;flex-wrap:wrap;gap:1px;margin:0 0 18px;background:var(--line);
border:1px solid var(--line);border-radius:10px;overflow:hidden}
.tile{flex:1 1 120px;padding:12px 16px;background:var(--card)}
.tile b{display:block;font-size:22px;font-weight:600;line-height:1.3}
.tile span{color:var(--muted);font-size:13px;line-height:1.3;display:block}
ul{margin:0;padding-left:20px}
li{margin:0 0 10px}
pre{margin:0 0 6px;padding:14px 16px;border-radius:8px;background:var(--soft);font:13.5px/1.6 ui-monospace,
"SF Mono","Cascadia Code",Consolas,"DejaVu Sans Mono","Noto Sans Mono CJK SC",monospace;white-space:pre-wrap;
overflow-wrap:anywhere}
details>summary{cursor:pointer;color:var(--accent);font-size:14px;margin-top:12px}
.two{display:grid;grid-template-columns:1fr 1fr;gap:16px}
.two section{min-width:0}
svg.chart{display:block;max-width:100%;height:auto;overflow:visible;font:12px/1 inherit}
svg.chart text{font-size:12px;fill:var(--ink);stroke:none}
svg.chart .tick,svg.chart .axis-name,svg.chart .value{fill:var(--muted)}
svg.chart .tiny{font-size:9.5px}
svg.chart .big{font-size:15px;font-weight:600}
svg.chart .end{text-anchor:end}
svg.chart .middle{text-anchor:middle}
svg.chart .on-strong{fill:var(--on-accent);font-weight:600}
svg.chart .grid{stroke:var(--line)}
svg.chart .axis{stroke:var(--muted)}
svg.chart .guide{stroke:var(--muted);stroke-dasharray:4 4}
svg.chart .whisker{stroke:var(--ink);stroke-opacity:.55;stroke-width:1.5}
svg.chart .bar,svg.chart .dot{fill:var(--accent)}
svg.chart .soft{fill-opacity:.5}
svg.chart .curve{fill:none;stroke:var(--accent);stroke-width:2;stroke-linejoin:round}
svg.chart .under{fill:var(--accent);fill-opacity:.09}
svg.chart .mark{fill:var(--paper);stroke:var(--accent);stroke-width:2.5}
svg.chart .cross{fill:none;stroke:var(--bad);stroke-width:1.8}
svg.chart .hit{fill:var(--accent)}
svg.chart .miss{fill:var(--bad)}
svg.chart .empty{fill:var(--soft)}
svg.chart .up{fill:var(--accent)}
svg.chart .down{fill:var(--second)}
svg.chart .up-text{fill:var(--accent)}
svg.chart .down-text{fill:var(--second)}
svg.chart .strong{font-weight:600}
svg.chart .stop{stroke:var(--ink);stroke-width:2}
svg.chart .join{stroke:var(--muted);stroke-opacity:.6}
svg.chart .thick{stroke:var(--accent);stroke-opacity:.45;stroke-width:4;stroke-linecap:round}
svg.chart .band{fill:var(--accent);fill-opacity:.16}
svg.chart .share{fill:var(--muted);fill-opacity:.28}
svg.chart .seen{fill:var(--accent);fill-opacity:.22}
svg.chart .now{fill:var(--accent)}
svg.chart .shut{fill:var(--second)}
.small{display:grid;grid-template-columns:1fr 1fr;gap:18px 16px;margin:0 0 14px}
figure{margin:0;min-width:0;break-inside:avoid}
figcaption{font-size:14px;font-weight:600;margin:0 0 4px;overflow-wrap:anywhere}
.card{margin:0 0 16px;padding:14px 16px 4px;border:1px solid var(--line);border-radius:10px;background:var(--card);
break-inside:avoid}
.card-head{display:flex;flex-wrap:wrap;gap:2px 18px;margin:0 0 8px;font-size:14.5px}
.card-head .wrong b{color:var(--bad)}
.meter{display:inline-block;width:110px;height:8px;border-radius:4px;
background:linear-gradient(90deg,var(--accent) calc(var(--share)*100%),var(--soft) 0)}
.from{margin:10px 0 0;color:var(--muted);font-size:12.5px;overflow-wrap:anywhere}
.from a{color:inherit;text-decoration:none;border-bottom:1px dotted var(--muted)}
.from a:hover{color:var(--accent)}
nav{display:flex;flex-wrap:wrap;gap:4px 16px;margin-top:26px;font-size:13.5px}
nav a{color:var(--muted);text-decoration:none}
nav a:hover{color:var(--accent);text-decoration:underline}
section{scroll-margin-top:12px}
footer{margin-top:64px;padding-top:14px;border-top:1px solid var(--line);color:var(--muted);font-size:13px}
@media (max-width:640px){main{padding:32px 18px 64px}h1{font-size:24px}.two,.small{grid-template-columns:1fr}
.scroll svg.chart{min-width:560px}td:not(.num){min-width:104px}th,td{padding-right:10px}}
@media screen and (min-width:1240px){nav{position:fixed;top:56px;left:calc(50% - 606px);width:170px;margin:0;
flex-direction:column;flex-wrap:nowrap;gap:7px;max-height:calc(100vh - 80px);overflow-y:auto;line-height:1.35}}
@media print{:root{--paper:#fff}body{font-size:11pt}main{max-width:none;padding:0}nav{display:none}h2,h3{break-after:avoid}
.note{break-after:avoid}.from{break-before:avoid}tr,pre{break-inside:avoid}details{display:block}section{margin-top:28px}}
"""
)
