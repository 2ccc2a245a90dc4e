"""Web push in a real service worker: turned on, paged, acknowledged in the notification, turned off.

There is no push service for a browser without a network, so subscribing is replaced, and what the fake service took is
handed to the service worker as the browser hands over what has come.
"""

import json

import pytest
from playwright.async_api import Locator, Page, Worker, expect

from nightowl_testkit.builders import an_alertmanager_alert, an_alertmanager_payload

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SUBSCRIBING = """(() => {
    const told = %s;
    const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
    let subscription = null;
    PushManager.prototype.getSubscription = async () => subscription;
    PushManager.prototype.subscribe = async ({ applicationServerKey, userVisibleOnly }) => {
        if (!userVisibleOnly) throw new Error("pushes that nobody sees are refused");
        return (subscription = {
            endpoint: told.endpoint,
            options: { applicationServerKey: bytes(applicationServerKey).buffer },
            toJSON: () => ({ endpoint: told.endpoint, keys: { p256dh: told.p256dh, auth: told.auth } }),
            unsubscribe: async () => ((subscription = null), true),
        });
    };
})()"""

SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
    .map((each) => ({ title: each.title, body: each.body, actions: each.actions.map((one) => one.action) }))"""

DISMISS = """async () => {
    for (const each of await (await navigator.serviceWorker.ready).getNotifications()) each.close();
}"""

PRESS = """async (action) => {
    const [notification] = await self.registration.getNotifications();
    const event = new NotificationEvent("notificationclick", { notification, action });
    let work;
    event.waitUntil = (given) => (work = given);  // the browser keeps the worker alive for its own events alone
    self.dispatchEvent(event);
    await work;
}"""


class Phone:
    """A page of a browser whose service worker can be handed pushes."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self._origin = origin
        self._registrations: dict[str, str] = {}

    async def listen(self) -> None:
        """Learns of service workers from now on."""
        self._session = await self.page.context.new_cdp_session(self.page)
        self._session.on("ServiceWorker.workerRegistrationUpdated", self._registered)
        await self._session.send("ServiceWorker.enable")

    def _registered(self, told) -> None:
        self._registrations |= {each["scopeURL"]: each["registrationId"] for each in told["registrations"]}

    async def push(self, message: dict[str, object]) -> None:
        """What the browser does with a push that has come and that it has decrypted."""
        registration_id = self._registrations[f"{self._origin}/"]
        await self._session.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": self._origin, "registrationId": registration_id, "data": json.dumps(message)},
        )

    @property
    def worker(self) -> Worker:
        """Its service worker."""
        [worker] = self.page.context.service_workers
        return worker

    async def until_shown(self, title: str, body: str) -> dict[str, object]:
        """The one notification on the screen, once it says so."""
        for _ in range(200):
            shown = await self.page.evaluate(SHOWN)
            if [(each["title"], each["body"]) for each in shown] == [(title, body)]:
                return shown[0]
            await self.page.wait_for_timeout(100)
        raise AssertionError(f"wanted {title!r} {body!r}, shown are {shown}")


@pytest.fixture
async def phone(open_page, team, sign_in_as, origin, fake_push) -> Phone:
    """Alice's phone, which lets NightOwl notify her, at the settings."""
    page = await open_page(permissions=["notifications"], viewport={"width": 390, "height": 844})
    await page.add_init_script(SUBSCRIBING % json.dumps(_told(fake_push.subscribe())))
    await sign_in_as(page.context, team.alice_id)
    phone = Phone(page, origin)
    await phone.listen()
    await page.goto("/settings?tab=reach")
    return phone


def _told(browser) -> dict[str, str]:
    subscription = browser.subscription
    return {"endpoint": subscription.endpoint, "p256dh": subscription.p256dh, "auth": subscription.auth}


async def test_a_page_comes_to_a_phone_and_is_acknowledged_in_its_notification(
    phone, client, team, database, fake_push, axe
):
    """From the button in the settings to the alert in Alice's hands; the notification says what came of it."""
    here = phone.page.get_by_role("region", name="This browser")
    await here.get_by_role("button", name="Page me here").click()
    await expect(here.get_by_text("on", exact=True)).to_be_visible()
    assert await axe(phone.page) == []
    await _try(phone, here, fake_push)

    alert_id, message = await _paged(client, team, database, fake_push)
    await phone.push(message)
    shown = await phone.until_shown(message["title"], message["body"])
    await phone.worker.evaluate(PRESS, "acknowledge")
    words = "Acknowledged. The escalation has stopped. L2 will not be called: Bob would have been next."
    done = await phone.until_shown(message["title"], words)

    assert message["title"].startswith("CRITICAL payments: ")
    assert (shown["actions"], done["actions"]) == (["acknowledge", "open"], ["open"])
    assert (await client.alert(alert_id)).status == "acknowledged"
    [taken] = [each for each in await client.timeline(alert_id) if each.kind == "acknowledged"]
    assert taken.actor["id"] == str(team.alice_id)

    await here.get_by_role("button", name="Turn off").click()
    await expect(here.get_by_role("button", name="Page me here")).to_be_visible()
    async with database.tenant_tx(team.tenant) as tx:
        assert not await tx.fetchval("SELECT EXISTS (SELECT FROM push_subscriptions)")


async def _try(phone: Phone, here: Locator, fake_push) -> None:
    """A test page comes, with nothing to acknowledge."""
    await here.get_by_role("button", name="Send a test page").click()
    [test] = await fake_push.wait_for(1, seconds=20)
    await phone.push(test.raw["message"])
    shown = await phone.until_shown("This is a test page. Nothing is wrong, and there is nothing to acknowledge.", "")
    assert shown["actions"] == ["open"]
    await phone.page.evaluate(DISMISS)


async def _paged(client, team, database, fake_push):
    """Alice wants critical pages in her browsers, and an alert pages her: its id, and what came to the phone."""
    async with database.tenant_tx(team.tenant) as tx:
        await tx.execute(
            "INSERT INTO notification_rules (user_id, high) VALUES ($1, $2)", team.alice_id, [{"channel": "push"}]
        )
    alert = an_alertmanager_alert("HighErrorRate", labels={"service": "payments", "severity": "critical"})
    receipt = await client.fire_alertmanager(an_alertmanager_payload(alert), wait_seconds=10)
    _, paged = await fake_push.wait_for(2, seconds=20)
    return receipt.alerts[0].alert_id, paged.raw["message"]


async def test_a_browser_that_may_not_notify_says_so_and_offers_nothing(open_page, team, sign_in_as, processes):
    """Only the browser's own settings help there; nobody is asked without a click."""
    page = await open_page()
    await page.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'denied' })")
    await sign_in_as(page.context, team.alice_id)

    await page.goto("/settings?tab=reach")

    here = page.get_by_role("region", name="This browser")
    await expect(here.get_by_text("You have blocked notifications")).to_be_visible()
    await expect(here.get_by_role("button")).to_have_count(0)
