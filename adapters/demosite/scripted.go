package demosite

import (
	_ "embed"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// scriptedShell is a page that has no price before its script ran.
//
//go:embed scripted.html
var scriptedShell string

// build puts the price table into a scripted page.
const build = `document.getElementById("root").innerHTML = TABLE;`

// scripts are what scripted pages do, by the last part of their path. ASK is where
// they find what they should not get at.
var scripts = map[string]string{
	"delay":   `setTimeout(() => { ` + build + ` }, 1500);`,
	"fetched": `fetch("/rows").then(r => r.text()).then(rows => { document.getElementById("root").innerHTML = rows; });`,
	"bit-by-bit": `const rows = TABLE.split("<tr>"); let n = 4;
		const grow = () => { document.getElementById("root").innerHTML = rows.slice(0, n).join("<tr>"); if (n++ < rows.length) setTimeout(grow, 400); }; grow();`,
	"never":        `setInterval(() => { document.title = "Still loading " + Date.now(); }, 100);`,
	"loop":         `for (;;) { }`,
	"late-loop":    build + `setTimeout(() => { for (;;) { } }, 300);`,
	"alert":        `alert("Prices have changed"); if (!confirm("Accept cookies?")) { ` + build + ` }`,
	"dialogs":      `for (;;) { alert("again"); }`,
	"beforeunload": build + `addEventListener("beforeunload", e => { e.preventDefault(); e.returnValue = "stay"; });`,
	"memory": `const held = []; const take = () => { for (let i = 0; i < 8; i++) { held.push(new Uint8Array(16 << 20).fill(i + 1)); }
		if (held.length < 128) setTimeout(take, 1); else { ` + build + ` } }; take();`,
	"enormous": `let text = "x".repeat(1 << 20); for (let i = 0; i < 8; i++) { document.body.appendChild(document.createTextNode(text)); }`,
	"workers":  `const busy = URL.createObjectURL(new Blob(["for (;;) { }"])); for (let i = 0; i < 8; i++) { new Worker(busy); } ` + build,
	"greedy":   `const more = () => fetch("/megabytes?" + Math.random()).then(r => r.arrayBuffer()).then(more, more); more(); more();`,
	"download": `const a = document.createElement("a"); a.href = "/file.bin"; a.download = "file.bin"; document.body.appendChild(a); a.click();
		location.href = "/file.bin"; setTimeout(() => { ` + build + ` }, 500);`,
	"popup": `for (let i = 0; i < 5; i++) { window.open("/delay"); }
		const a = document.createElement("a"); a.href = "/delay"; a.target = "_blank"; document.body.appendChild(a); a.click(); ` + build,
	"heavy": build + `const link = (tag, attrs) => document.body.appendChild(Object.assign(document.createElement(tag), attrs));
		link("img", {src: "/picture.png"}); link("video", {src: "/film.mp4", autoplay: true}); link("audio", {src: "/sound.mp3", autoplay: true});
		document.head.insertAdjacentHTML("beforeend", "<style>@font-face { font-family: far; src: url(/letters.woff2) } body { font-family: far; background: url(/ground.png) }</style>");
		navigator.sendBeacon("/beacon", "seen"); document.body.insertAdjacentText("beforeend", "letters");`,
	"reach": build + `
		for (const host of HOSTS) {
			fetch("http://" + host + "/fetch", {mode: "no-cors"}).catch(() => {});
			new Image().src = "http://" + host + "/image";
			for (const tag of ["iframe", "embed", "script"]) document.body.appendChild(Object.assign(document.createElement(tag), {src: "http://" + host + "/" + tag}));
			document.head.appendChild(Object.assign(document.createElement("link"), {rel: "stylesheet", href: "http://" + host + "/style"}));
			document.head.appendChild(Object.assign(document.createElement("link"), {rel: "preconnect", href: "http://" + host}));
			navigator.sendBeacon("http://" + host + "/beacon", "x");
			try { new WebSocket("ws://" + host + "/socket"); new EventSource("http://" + host + "/events"); } catch (e) { }
			fetch("/redirect?to=" + encodeURIComponent("http://" + host + "/redirect"), {mode: "no-cors"}).catch(() => {});
			document.body.appendChild(Object.assign(document.createElement("iframe"), {src: "/redirect?to=" + encodeURIComponent("http://" + host + "/framed")}));
			new Worker(URL.createObjectURL(new Blob(["fetch('http://" + host + "/worker', {mode: 'no-cors'}).catch(() => {})"])));
			try {
				const peer = new RTCPeerConnection({iceServers: [{urls: "stun:" + host}, {urls: "turn:" + host + "?transport=tcp", username: "u", credential: "c"}]});
				peer.createDataChannel("x"); peer.createOffer().then(o => peer.setLocalDescription(o));
			} catch (e) { }
		}`,
	// What it gets at it shows.
	"schemes": build + `
		const show = text => { document.getElementById("root").append("got in: " + text); };
		for (const url of ["file:///etc/passwd", "file:///proc/self/environ", "chrome://version/", "chrome-extension://x/", "view-source:file:///etc/passwd",
			"filesystem:file:///temporary/x", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x", "mailto:x@acme.example", "devtools://devtools/bundled/inspector.html"]) {
			try { fetch(url).then(r => r.text()).then(show).catch(() => {}); } catch (e) { }
			try { const asked = new XMLHttpRequest(); asked.onload = () => show(asked.responseText); asked.open("GET", url); asked.send(); } catch (e) { }
			try { const framed = document.createElement("iframe"); framed.onload = () => { try { const text = framed.contentDocument.body.innerText; if (text) show(text); } catch (e) { } }; framed.src = url; document.body.appendChild(framed); } catch (e) { }
			try { new Worker(url); } catch (e) { }
			try { window.open(url); } catch (e) { }
		}`,
	"modal": `const modal = document.body.appendChild(document.createElement("dialog")); modal.textContent = "Choose your country"; modal.showModal(); ` + build + ` print(); prompt("Your name?");`,
	"leave": `location.href = "http://" + HOSTS[0] + "/left";`,
}

// Scripted serves pages whose prices stand nowhere until a browser has run their
// scripts, and pages whose scripts do to a browser what they should not: each at
// the path that is its name. asked are hosts, with their ports, that the pages
// "reach" and "leave" try to get at.
func Scripted(asked ...string) http.Handler {
	mux := http.NewServeMux()
	for name, script := range scripts {
		text := strings.NewReplacer("SCRIPT", script, "HOSTS_HERE", fmt.Sprintf(`["%s"]`, strings.Join(asked, `", "`))).Replace(scriptedShell)
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, _ *http.Request) { page(w, http.StatusOK, text) })
	}
	mux.HandleFunc("GET /forbidden", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cf-Mitigated", "challenge")
		page(w, http.StatusForbidden, challengePage)
	})
	mux.HandleFunc("GET /password", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Basic realm="prices"`)
		page(w, http.StatusUnauthorized, loginPage)
	})
	mux.HandleFunc("GET /cut", func(w http.ResponseWriter, _ *http.Request) {
		text := strings.NewReplacer("SCRIPT", build, "HOSTS_HERE", "[]").Replace(scriptedShell)
		breakOff(w, []byte(text+strings.Repeat(" ", 256<<10))) // all that one would want comes, and it was to go on
	})
	mux.HandleFunc("GET /rows", func(w http.ResponseWriter, r *http.Request) {
		select { // as a server takes that has to look them up
		case <-time.After(300 * time.Millisecond):
		case <-r.Context().Done():
		}
		page(w, http.StatusOK, scriptedShell[strings.Index(scriptedShell, "<table>"):strings.Index(scriptedShell, "</table>")]+"</table>")
	})
	mux.HandleFunc("GET /redirect", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
	})
	mux.HandleFunc("GET /file.bin", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Disposition", "attachment")
		_, _ = w.Write(make([]byte, 1<<20)) // what fails here is the client's connection
	})
	mux.HandleFunc("GET /megabytes", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, 8<<20)) // what fails here is the client's connection
	})
	return mux
}
