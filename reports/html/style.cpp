#include "reports/html/style.hpp"

namespace penrig::html {

std::string_view style_sheet() {
  return R"css(*{box-sizing:border-box}
body{margin:0;background:#fff;color:#111;font:14px/1.42 Inter,"Helvetica Neue",Arial,"Liberation Sans","DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums;font-feature-settings:"tnum" 1,"calt" 0}
main{position:relative;width:1230px;max-width:calc(100vw - 330px);margin:0 auto 60px 300px}
nav{position:fixed;left:28px;top:34px;width:226px;font-size:13px;line-height:1.35;overflow-wrap:anywhere}
nav .w{font-size:28px;font-weight:700;line-height:1.1}
nav .w.long{font-size:21px}
nav a{display:block;color:#333;text-decoration:none;padding:3px 0}
nav a:hover{text-decoration:underline}
nav hr{border:0;border-top:1px solid #bbb;margin:12px 0}
nav .void{font-weight:600;border:1px solid #111;padding:2px 6px;display:inline-block;margin-top:6px}
.pass{color:#0072B2}.fail{color:#D55E00}
header{padding-top:34px}
h1{font-size:26px;font-weight:600;margin:0 0 2px;letter-spacing:-.01em;overflow-wrap:anywhere}
h1 .v{margin-right:8px;font-weight:700}
.lead{font-size:15px;max-width:none;margin:0 0 14px;color:#333}
h2{font-size:19px;font-weight:600;margin:40px 0 4px;border-top:2px solid #111;padding-top:10px;letter-spacing:-.005em}
h3{font-size:14px;font-weight:600;margin:18px 0 4px}
p{margin:0 0 8px;max-width:90ch}p.wide{max-width:none}
.note{color:#555;font-size:12.5px;max-width:170ch}
.light{font-weight:400;color:#555}
.void-band{display:flex;justify-content:space-between;gap:24px;border:1.6px solid #111;padding:6px 12px;margin-bottom:16px;font-size:14px}
.void-band b{white-space:nowrap}
.void-word{position:absolute;left:0;top:96px;width:100%;height:330px;pointer-events:none;overflow:visible}
.void-word text{font:700 150px Inter,Arial,"Liberation Sans",sans-serif;fill:none;stroke:#c9c9c9;stroke-width:1.4;paint-order:normal}
.id{display:grid;grid-template-columns:repeat(4,1fr);gap:0 28px;border-top:2px solid #111;padding-top:10px;position:relative}
dl{display:grid;grid-template-columns:84px 1fr;margin:0;gap:2px 10px;align-content:start;font-size:13px}
dt{color:#555}dd{margin:0;overflow-wrap:anywhere}dl h3{grid-column:1/-1;margin:0 0 3px}
table{border-collapse:collapse;font-size:13px;line-height:1.25}
table.full{width:100%}
th{font-weight:500;color:#444;text-align:right;vertical-align:bottom;padding:0 6px 5px;border-bottom:1.2px solid #111;font-size:12px;line-height:1.2}
td{text-align:right;padding:2.5px 6px;white-space:nowrap;border-bottom:.5px solid #ddd}
th:first-child,td:first-child{padding-left:0}
th.l,td.l{text-align:left}th.c,td.c{text-align:center}
table.tight{font-size:12.5px}.tight th,.tight td{padding-left:4px;padding-right:4px}.grid3 .tight th,.grid3 .tight td{padding-left:3px;padding-right:3px}.tight th:first-child,.tight td:first-child{padding-left:0!important}
.scroll{overflow-x:auto;max-width:100%}.budget{margin-bottom:18px}
td.wrap{white-space:normal;overflow-wrap:anywhere}
.study th,.study td.l{white-space:normal}
td.int{padding-right:0}td.dec{padding-left:0;text-align:left}
td.pic{padding-top:0;padding-bottom:0;line-height:0}
td.pic span{line-height:20px}
tr.group td{border-bottom:1px solid #888}tr.last td{border-bottom:1px solid #888}
tr.strong td{font-weight:600}
tr.row{cursor:pointer}.js tr.row:hover td{background:#f3f3f3}
.v b{font-weight:700}
svg{display:block;overflow:visible}svg.lp{display:inline-block;vertical-align:middle}
svg text{font-size:11.5px;font-family:inherit;paint-order:stroke;stroke:#fff;stroke-width:2.5px;stroke-opacity:.85;stroke-linejoin:round}
.decided{display:grid;grid-template-columns:820px 1fr;gap:36px}
.grid3{display:grid;grid-template-columns:repeat(3,398px);gap:14px 18px}
.grid2{display:grid;grid-template-columns:1fr 1fr;gap:30px}
.other{display:grid;grid-template-columns:760px 1fr;gap:40px;margin-top:20px}
.grid3>div,.grid2>div,.other>div,.decided>div{min-width:0}
.cap{font-weight:600;font-size:13px;margin:0 0 2px}
.hists{display:grid;grid-template-columns:74px repeat(5,218px);gap:6px 13px;align-items:center;font-size:13px}
.hists .rate{grid-column:1}.tabs .rate{padding-top:3px}
.tabs{display:grid;grid-template-columns:74px 1fr;gap:3px;margin:8px 0 14px;font-size:13px}
.tabs .buttons{display:flex;flex-wrap:wrap;gap:3px}
.tabs button{font:inherit;min-width:62px;border:1px solid #999;background:#fff;padding:2px 6px;cursor:pointer;color:#111}
.tabs button[aria-selected=true]{background:#111;color:#fff;border-color:#111}
.tabs{display:none}.js .tabs{display:grid}
.mono{font-family:"DejaVu Sans Mono","Liberation Mono",Menlo,Consolas,monospace;font-size:.88em}
pre{font:12.5px/1.5 "DejaVu Sans Mono","Liberation Mono",Menlo,Consolas,monospace;border-left:3px solid #bbb;padding:2px 0 2px 14px;margin:6px 0;overflow-x:auto}
sub,sup{font-size:.74em;line-height:0}
details summary{cursor:pointer;font-size:13px;color:#333;margin-top:6px}
.panel{margin-bottom:26px}.panel h3{margin-top:6px}
.js .panel{display:none}.js .panel.on{display:block}
@media screen and (max-width:1570px){.study th,.study td{padding-left:4px;padding-right:4px}.study th:first-child,.study td:first-child{padding-left:0}main{width:auto;max-width:none;margin:0 16px 60px 266px}.decided,.other,.grid2{grid-template-columns:minmax(0,1fr)!important}.grid3{grid-template-columns:repeat(auto-fill,398px)}.hists{grid-template-columns:74px minmax(0,1fr)}.tight{font-size:11px}.tight th{font-size:11px}.tight th,.tight td{padding-left:1px;padding-right:1px}svg.big,main>svg,.grid2 svg{max-width:100%;height:auto}.id{grid-template-columns:repeat(auto-fit,minmax(250px,1fr));row-gap:12px}}
@media screen and (max-width:1000px){nav{position:static;padding:20px 28px 0}main{margin:0 28px 60px}.grid3{grid-template-columns:minmax(0,1fr)}.panel svg{max-width:100%;height:auto}.void-band{display:block}}
@media print{@page{margin:15mm 17mm 17mm 20mm}body{zoom:.62}.scroll{overflow:visible}nav{display:none}main{margin:0;max-width:none}h2{break-after:avoid}tr,svg{break-inside:avoid}tr:nth-child(-n+2){break-after:avoid}.js .panel{display:block;break-inside:avoid}.js .tabs{display:none}.void-word{position:fixed;top:30%}}
)css";
}

std::string_view script() {
  return R"js(document.documentElement.classList.add('js');
function show(k){document.querySelectorAll('.panel').forEach(p=>p.classList.toggle('on',p.id==='k'+k));
document.querySelectorAll('.tabs button').forEach(b=>b.setAttribute('aria-selected',String(b.dataset.k===String(k))))}
document.querySelectorAll('.tabs button').forEach(b=>b.onclick=()=>show(b.dataset.k));
document.querySelectorAll('tr.row').forEach(r=>r.onclick=()=>{show(r.dataset.k);document.getElementById('strokes').scrollIntoView()});
)js";
}

std::string_view patterns() {
  return R"svg(<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs><pattern id="hx" width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="3" height="3" fill="#fff"/><line x1="0" y1="0" x2="0" y2="3" stroke="#555" stroke-width="1.5"/></pattern></defs></svg>)svg";
}

}  // namespace penrig::html
