"""The front end as a phone on a slow network has it: paint times, the press of a key, an event, and a long list."""

import asyncio
import statistics
import time
from typing import Any
from uuid import UUID

import filling
from bench import GROWN, PERSON, Bench
from figures import Row
from load import percentile
from playwright.async_api import Browser, CDPSession, Page, async_playwright

from nightowl_auth import SessionRules, begin_session
from nightowl_cli import browser as browsers
from nightowl_cli import web
from nightowl_cli.front import FrontDoor
from nightowl_cli.routing import SERVICES
from nightowl_cli.supervisor import Supervisor
from nightowl_common.db import Database
from nightowl_embedded import Stack, free_port
from nightowl_testkit.client import ApiClient

RUNS, EVENTS, LIST = 5, 60, 10_000
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]

SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
CPU_SLOWDOWN = 4

_OBSERVE = """() => {
    window.seen = { lcp: 0, cls: 0, tbt: 0 };
    const on = (type, act) => new PerformanceObserver((list) => list.getEntries().forEach(act)).observe({ type, buffered: true });
    on("largest-contentful-paint", (entry) => { seen.lcp = entry.startTime; });
    on("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.cls += entry.value; });
    on("longtask", (entry) => { seen.tbt += Math.max(0, entry.duration - 50); });
}"""
_FIRST_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
_KEY_TO_SCREEN = """() => new Promise((done) => {
    const row = document.activeElement.closest("[data-alert]");
    const began = performance.now();
    new MutationObserver(() => row.textContent.includes("acknowledged") && done(performance.now() - began))
        .observe(row, { subtree: true, childList: true, characterData: true });
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true, cancelable: true }));
})"""
_SHOWN_AT = """(title) => new Promise((done) => {
    const look = () => document.body.textContent.includes(title) ? done(Date.now()) : setTimeout(look, 4);
    look();
})"""
_SCROLL = """() => new Promise((done) => {
    const box = [...document.querySelectorAll("*")].filter((it) => it.scrollHeight > it.clientHeight + 500)
        .sort((a, b) => b.scrollHeight - a.scrollHeight)[0] ?? document.scrollingElement;
    const frames = []; let before = performance.now(); const end = before + 4000;
    const step = (now) => {
        frames.push(now - before); before = now; box.scrollTop += 400;
        now < end ? requestAnimationFrame(step) : done(frames.slice(1));
    };
    requestAnimationFrame(step);
})"""


async def paints(bench: Bench) -> list[Row]:
    """All of it, on a stack with 10,000 alerts; a page of a few hundred bytes, equally slowed, is the ceiling."""
    await filling.fill(bench, alerts=LIST, incidents=LIST // 10)
    origin = f"http://127.0.0.1:{free_port()}"
    own = {"NIGHTOWL_WEB_DIR": str(await web.build()), "NIGHTOWL_PUBLIC_URL": origin, "NIGHTOWL_TRUSTED_PROXIES": "1"}
    services = Supervisor(SERVICES, logs=bench.folder / "web", environment={**bench.environment, **own})
    door = FrontDoor(host="127.0.0.1", port=int(origin.rpartition(":")[2]), services=services.urls)
    await services.start()
    try:
        await door.start()
        async with (
            async_playwright() as driver,
            ApiClient(ingest_url=origin, query_url=origin, key=bench.grown_key) as client,
        ):
            browser = await driver.chromium.launch(executable_path=browsers.ensure(), args=FLAGS)
            cookie = await _cookie(bench.stack, origin)
            return [*await _paints(browser, origin, cookie), *await _use(browser, origin, cookie, client)]
    finally:
        await door.stop()
        await services.stop()


async def _cookie(stack: Stack, origin: str) -> dict[str, Any]:
    database = await Database.connect(stack.postgres.url, size=2, service="bench")
    async with database.global_tx() as tx:
        begun = await begin_session(tx, SessionRules(is_secure=False), tenant=GROWN, user_id=UUID(PERSON))
    await database.close()
    return {"name": SessionRules(is_secure=False).cookie, "value": begun.token, "url": origin}


async def _open(browser: Browser, origin: str, cookie: dict[str, Any]) -> Page:
    context = await browser.new_context(base_url=origin, viewport={"width": 1440, "height": 900})
    await context.add_cookies([cookie])  # type: ignore[list-item]
    return await context.new_page()


async def _paints(browser: Browser, origin: str, cookie: dict[str, Any]) -> list[Row]:
    bare = statistics.median([(await _paint(browser, origin, cookie, "/p/forged"))["fcp"] for _ in range(RUNS)])
    rows = []
    for name, path in {"Now": "/", "Alerts": "/alerts"}.items():
        runs = [await _paint(browser, origin, cookie, path) for _ in range(RUNS)]
        middle = {what: statistics.median(run[what] for run in runs) for what in runs[0]}
        note = f"first paint {middle['fcp']:,.0f} ms; slow 4G, 4x CPU, median of {RUNS}"
        rows += [
            Row(
                what=f"web: {name}, largest paint",
                value=middle["lcp"],
                unit="ms",
                most=1_800,
                ceiling=bare,
                note=note,
            ),
            Row(what=f"web: {name}, layout shift", value=middle["cls"] * 1_000, unit="/1000", most=20),
            Row(what=f"web: {name}, blocked", value=middle["tbt"], unit="ms", most=150),
        ]
    return rows


async def _paint(browser: Browser, origin: str, cookie: dict[str, Any], path: str) -> dict[str, float]:
    page = await _open(browser, origin, cookie)
    session: CDPSession = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.emulateNetworkConditions", SLOW_4G)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
    await page.add_init_script(f"({_OBSERVE})()")
    await page.goto(path, wait_until="load")
    await page.wait_for_timeout(4_000)
    seen: dict[str, float] = await page.evaluate("() => window.seen")
    seen["fcp"] = await page.evaluate(_FIRST_PAINT)
    await page.context.close()
    return seen


async def _use(browser: Browser, origin: str, cookie: dict[str, Any], client: ApiClient) -> list[Row]:
    page = await _open(browser, origin, cookie)
    await page.goto("/alerts")
    await page.wait_for_selector("[data-alert]")
    frames: list[float] = await page.evaluate(_SCROLL)
    pressed = []
    await page.goto("/alerts?status=firing")
    await page.wait_for_selector("[data-alert]")
    for _ in range(10):
        await page.keyboard.press("j")
        pressed.append(await page.evaluate(_KEY_TO_SCREEN))
    await page.goto("/alerts?sort=newest")
    await page.wait_for_selector("[data-alert]")
    shown = [await _event(page, client, f"Event number {number}.") for number in range(EVENTS)]
    return [
        Row(
            what="web: press of a key to acknowledged on the screen, worst",
            value=max(pressed),
            unit="ms",
            most=50,
        ),
        Row(
            what="web: webhook to the screen, p99",
            value=percentile(sorted(shown), 0.99),
            unit="ms",
            most=1_000,
            note=f"p50 {statistics.median(shown):,.0f} ms",
        ),
        Row(
            what=f"web: scrolling {LIST:,} alerts, frames over 50 ms",
            value=sum(each > 50 for each in frames),
            unit="frames",
            most=0,
            note=f"of {len(frames)}, longest {max(frames):.0f} ms",
        ),
    ]


async def _event(page: Page, client: ApiClient, title: str) -> float:
    seen = asyncio.create_task(page.evaluate(_SHOWN_AT, title))
    began = time.time()
    await client.fire_generic({"title": title, "severity": "critical", "status": "firing", "fingerprint": title})
    return (await seen) - began * 1_000
