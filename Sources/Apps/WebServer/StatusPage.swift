/// The page about the board: one document, nothing from elsewhere.
enum StatusPage {
    static var mediaType: StaticString { "text/html; charset=utf-8" }

    static var text: StaticString {
        #"""
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Apus</title>
        <link rel="icon" href="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 64 64'><path d='M2 26C18 20 28 26 32 32c4-6 14-12 30-6-14 1-22 8-27 16l-3 12-3-12C24 34 16 27 2 26z' fill='%23e4572e'/></svg>">
        <style>
        :root{--paper:#f6f4ef;--card:#fff;--ink:#1d2429;--soft:#6b747b;--line:#e3dfd6;--accent:#e4572e;--accent2:#2e86ab;--good:#2f9e62;--bad:#c8382d}
        @media(prefers-color-scheme:dark){:root{--paper:#12171b;--card:#1a2126;--ink:#e8e6e1;--soft:#8f9aa2;--line:#2a3339;--accent:#ff7a50;--accent2:#5bb5dc;--good:#5ccf8f;--bad:#ff6b5e}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
        main{max-width:64rem;margin:0 auto;padding:1.5rem 1rem 3rem}
        header{display:flex;align-items:center;gap:.9rem;margin-bottom:1.4rem;flex-wrap:wrap}
        header svg{width:3rem;height:3rem;flex:none}
        h1{font-size:1.6rem;margin:0;letter-spacing:-.02em}
        header p{margin:0;color:var(--soft);font-size:.85rem;overflow-wrap:anywhere}
        #state{margin-left:auto;display:flex;align-items:center;gap:.45rem;font-size:.85rem;color:var(--soft)}
        #state i{width:.65rem;height:.65rem;border-radius:50%;background:var(--bad)}
        #state.on i{background:var(--good);animation:beat 1s infinite}
        @keyframes beat{50%{opacity:.45}}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.8rem}
        .tile,.panel{background:var(--card);border:1px solid var(--line);border-radius:.8rem;padding:.85rem 1rem}
        .tile b{display:block;font-size:1.45rem;font-weight:600;font-variant-numeric:tabular-nums;letter-spacing:-.02em;white-space:nowrap}
        .tile span{color:var(--soft);font-size:.8rem}
        .tile em{font-style:normal;font-size:.8rem;color:var(--soft);font-variant-numeric:tabular-nums}
        .panel{margin-top:.8rem}
        h2{font-size:.95rem;margin:0 0 .6rem;font-weight:600}
        h2 small{font-weight:400;color:var(--soft);float:right;font-size:.8rem}
        h2 small i{display:inline-block;width:.7rem;height:.2rem;border-radius:1px;vertical-align:middle;margin:0 .3rem 0 .8rem}
        svg.chart{display:block;width:100%;height:9rem;overflow:visible}
        .chart path{fill:none;stroke-width:2;vector-effect:non-scaling-stroke;stroke-linejoin:round}
        .chart line{stroke:var(--line);vector-effect:non-scaling-stroke}
        table{border-collapse:collapse;width:100%;font-size:.88rem}
        td,th{text-align:left;padding:.3rem .6rem .3rem 0;border-top:1px solid var(--line)}
        th{color:var(--soft);font-weight:400;border:0}
        td:nth-child(n+3),th:nth-child(n+3){text-align:right;font-variant-numeric:tabular-nums}
        td:nth-child(2){color:var(--soft)}
        footer{color:var(--soft);font-size:.82rem;margin-top:1.2rem}
        a{color:var(--accent2)}
        @media(max-width:30rem){.tile b{font-size:1.2rem}td:nth-child(2),th:nth-child(2){display:none}}
        </style>
        <main>
        <header>
        <svg viewBox="0 0 64 64" aria-hidden="true"><path d="M2 26C18 20 28 26 32 32c4-6 14-12 30-6-14 1-22 8-27 16l-3 12-3-12C24 34 16 27 2 26z" fill="var(--accent)"/></svg>
        <div><h1>Apus</h1><p id="image">A Raspberry Pi 4 with nothing underneath</p></div>
        <div id="state" role="status"><i></i><span>connecting</span></div>
        </header>
        <section class="tiles">
        <div class="tile"><span>Up for</span><b id="uptime">&ndash;</b><em id="idle">&nbsp;</em></div>
        <div class="tile"><span>Temperature</span><b id="temperature">&ndash;</b><em>of the chip</em></div>
        <div class="tile"><span>Memory in use</span><b id="heap">&ndash;</b><em id="memory">&nbsp;</em></div>
        <div class="tile"><span>Link</span><b id="link">&ndash;</b><em id="dropped">&nbsp;</em></div>
        <div class="tile"><span>Requests</span><b id="requests">&ndash;</b><em id="connections">&nbsp;</em></div>
        </section>
        <section class="panel">
        <h2>Network <small><i style="background:var(--accent2)"></i><span id="rx">received</span><i style="background:var(--accent)"></i><span id="tx">sent</span></small></h2>
        <svg class="chart" viewBox="0 0 119 100" preserveAspectRatio="none" role="img" aria-label="Bytes a second over two minutes">
        <line x1="0" y1="100" x2="119" y2="100"/><line x1="0" y1="50" x2="119" y2="50"/>
        <path id="rxline" stroke="var(--accent2)"/><path id="txline" stroke="var(--accent)"/>
        </svg>
        </section>
        <section class="panel">
        <h2>Tasks <small id="count"></small></h2>
        <table><thead><tr><th>name<th>waits for<th>stack in use<th>reserved</thead><tbody id="tasks"></tbody></table>
        </section>
        <footer>One program on the bare board: <a href="/metrics">measurements for Prometheus</a>, <a href="/status.json">these values as JSON</a>.</footer>
        </main>
        <script>
        "use strict";
        const $=id=>document.getElementById(id),rx=[],tx=[];let last=null,polling=0;
        const size=n=>{const u=["B","KiB","MiB","GiB"];let i=0;while(n>=1024&&i<3){n/=1024;i++}return(i?n.toFixed(n<10?1:0):n)+" "+u[i]};
        const age=s=>{s=Math.floor(s);const d=Math.floor(s/86400),p=n=>String(n).padStart(2,"0");return(d?d+"d ":"")+p(Math.floor(s/3600)%24)+":"+p(Math.floor(s/60)%60)+":"+p(s%60)};
        const line=(id,a,top)=>$(id).setAttribute("d",a.map((v,i)=>(i?"L":"M")+(120-a.length+i)+" "+(100-96*v/top).toFixed(1)).join(""));
        function show(v){
        $("uptime").textContent=age(v.uptime);
        if(last&&v.uptime>last.uptime){
        const t=v.uptime-last.uptime,r=(v.received-last.received)/t,s=(v.sent-last.sent)/t;
        rx.push(r);tx.push(s);if(rx.length>120){rx.shift();tx.shift()}
        const top=Math.max(1024,...rx,...tx);line("rxline",rx,top);line("txline",tx,top);
        $("rx").textContent=size(Math.round(r))+"/s received";$("tx").textContent=size(Math.round(s))+"/s sent";
        $("idle").textContent=(100*(1-(v.idle-last.idle)/t)).toFixed(1).replace("-","")+" % busy";
        $("connections").textContent=Math.max(0,((v.requests-last.requests)/t)).toFixed(1)+"/s, "+v.connections+" connections";
        }
        $("temperature").textContent=v.temperature===undefined?"unknown":v.temperature.toFixed(1)+" \u00b0C";
        $("heap").textContent=size(v.heap);$("memory").textContent="of "+size(v.memory);
        $("link").textContent=v.link;$("dropped").textContent=v.dropped+" frames dropped";
        $("requests").textContent=v.requests.toLocaleString("en");
        $("image").textContent=v.image||"A Raspberry Pi 4 with nothing underneath";
        $("count").textContent=v.tasks.length;
        $("tasks").replaceChildren(...v.tasks.map(t=>{const row=document.createElement("tr");for(const c of[t[0],t[1],size(t[2]),size(t[3])]){const d=document.createElement("td");d.textContent=c;row.append(d)}return row}));
        last=v}
        function state(on,text){$("state").className=on?"on":"";$("state").lastElementChild.textContent=text}
        function open(){
        const s=new WebSocket((location.protocol==="https:"?"wss://":"ws://")+location.host+"/live");
        s.onmessage=e=>{state(true,"live");show(JSON.parse(e.data))};
        s.onclose=()=>{state(false,"not connected");last=null;setTimeout(open,2000)};
        }
        open();
        </script>
        </html>

        """#
    }
}
