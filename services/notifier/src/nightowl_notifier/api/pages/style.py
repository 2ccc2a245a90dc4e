"""How the page link looks, and what its answers tell a browser to keep to: no script, no frame, no foreign origin."""

import base64
import hashlib

STYLE = (
    ":root{color-scheme:dark light;--bg:#0a0f0d;--card:#111916;--text:#e8ece9;--muted:#9aaaa1;--line:#1e2e27;"
    "--accent:#00e5a0;--critical:#f87171;--major:#fb923c;--warning:#fbbf24;--info:#60a5fa;--ok:#34d399}"
    "@media(prefers-color-scheme:light){:root{--bg:#fafcfb;--card:#fff;--text:#0a2e24;--muted:#55655d;--line:#d4ddd8;"
    "--accent:#00734f;--critical:#b91c1c;--major:#c2410c;--warning:#92600a;--info:#1d4ed8;--ok:#047857}}"
    "html{background:var(--bg);color:var(--text);scroll-padding-bottom:104px}"
    "body{font:16px/1.45 system-ui,sans-serif;margin:0 auto;max-width:40rem;padding:12px 16px 24px;"
    "overflow-wrap:anywhere}"
    "h1{font-size:1.25rem;line-height:1.25;margin:6px 0 10px}"
    "h2{font-size:1rem;margin:0 0 4px}"
    "p,pre,dl,dd{margin:0}"
    "b{display:inline-block;border:1px solid;border-radius:4px;padding:0 8px;font-size:.8rem;letter-spacing:.04em}"
    ".critical{color:var(--critical)}.major{color:var(--major)}.warning{color:var(--warning)}.info{color:var(--info)}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 12px}"
    "dt,small{color:var(--muted);font-size:.875rem}"
    "section,.note,.result{border:1px solid var(--line);border-radius:8px;background:var(--card);padding:10px 12px;"
    "margin-top:12px}"
    ".result{border-color:var(--ok);font-weight:600;margin:0 0 12px}"
    "section>*+*{margin-top:8px}"
    "pre,.text{white-space:pre-wrap}"
    "pre{font:.875rem/1.5 ui-monospace,Menlo,Consolas,monospace}"
    "form{position:sticky;bottom:0;margin-top:12px;padding:12px 0 calc(12px + env(safe-area-inset-bottom));"
    "background:var(--bg)}"
    "button{font:inherit;font-size:1.125rem;font-weight:700;width:100%;min-height:56px;cursor:pointer;border:0;"
    "border-radius:8px;background:#00e5a0;color:#0a2e24}"
    "nav{margin-top:12px}"
    "a{color:var(--accent);display:inline-block;padding:11px 16px 11px 0}"
    ":focus-visible{outline:3px solid var(--accent);outline-offset:2px}"
)
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
