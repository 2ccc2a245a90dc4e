"""How a person can be reached, and how they want to be."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from nightowl_alerting.calm.model import QuietHours
from nightowl_common.errors import ConflictError, NightOwlError, NotFoundError
from nightowl_contracts import Actor
from nightowl_query.model.base import Page

ContactKind = Literal["slack_dm", "sms", "phone", "email", "push"]
WrittenKind = Literal["slack_dm", "sms", "phone", "email"]
"""Kinds whose addresses people write. A browser's comes from the browser itself."""

PagePurpose = Literal["test", "code"]
"""Why a page that concerns no alert is sent: to see whether it arrives, or to bring a code."""

EndpointUrl = Annotated[str, msgspec.Meta(max_length=2_000, pattern=r"^https?://[^\s\x00@/?#]+/[^\s\x00#]*\Z")]
BrowserKey = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+=*\Z")]
BrowserName = Annotated[
    str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*\Z")
]
MAX_CONTACT_METHODS = 20
MAX_TEST_PAGES = 3
TEST_PAGE_MINUTES = 10
"""So many test pages to one person in so many minutes, codes included."""


class UserNotFoundError(NotFoundError):
    """There is no such person."""

    code = "user_not_found"


class ContactMethodNotFoundError(NotFoundError):
    """The person has no such contact method."""

    code = "contact_method_not_found"


class ContactMethodTakenError(ConflictError):
    """The person has this contact method already."""

    code = "contact_method_taken"


class TooManyContactMethodsError(ConflictError):
    """The person has as many contact methods as one may have."""

    code = "too_many_contact_methods"


class UnverifiedContactMethodError(ConflictError):
    """Only a verified contact method is paged, so only such a one can be tested; a code proves an unverified one."""

    code = "unverified_contact_method"


class TooManyTestPagesError(NightOwlError):
    """The person has been sent three test pages or codes within ten minutes; try again later."""

    code = "too_many_test_pages"
    status = 429


class BrowserContactError(ConflictError):
    """A browser is added by itself (`addBrowser`) and taken away, but not changed."""

    code = "browser_contact"


class NoWebPushError(ConflictError):
    """This installation lacks NIGHTOWL_VAPID_KEY or NIGHTOWL_MASTER_KEYS, so no browser can be paged."""

    code = "no_web_push"


class ContactContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address: a phone number (E.164) for `sms` and `phone`, a Slack user's id for `slack_dm`.

    Of several of one kind the first by `position` is used. `is_verified` may be set by managers alone; null leaves an
    unchanged address as it is and a new one unverified.
    """

    kind: WrittenKind
    address: Annotated[str, msgspec.Meta(min_length=1, max_length=320, pattern=r"^[^\x00\s]+$")]
    position: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 0
    is_verified: bool | None = None


class PushKey(msgspec.Struct, frozen=True, kw_only=True):
    """What browsers subscribe under (`applicationServerKey`, base64url); null: web push is not set up here."""

    public_key: str | None


class BrowserContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A push subscription as the browser tells it, and what the person calls the browser. Never shown again.

    `endpoint` is `https` and public, unless the operator has listed its host; that is checked when a page goes out.
    """

    name: BrowserName
    endpoint: EndpointUrl
    p256dh: BrowserKey
    auth: BrowserKey


class ContactMethod(msgspec.Struct, frozen=True, kw_only=True):
    """An address of a person. Only verified ones are paged; they stand before the address in the person's profile.

    Of kind `push`: a browser that is called `browser_name`, and was given up at `gone_at` by its push service. Its
    address is the service's host and the first 16 hex digits of the endpoint's SHA-256.
    """

    id: UUID
    kind: ContactKind
    address: str
    position: int
    is_verified: bool
    verified_at: datetime | None
    browser_name: str | None
    gone_at: datetime | None
    revision: int
    created_at: datetime


class ContactMethodPage(Page, frozen=True, kw_only=True):
    """Contact methods of a person, by kind and position."""

    items: list[ContactMethod]


class RuleStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A channel, so many minutes after the page."""

    channel: ContactKind
    delay_minutes: Annotated[int, msgspec.Meta(ge=0, le=240)] = 0


Steps = Annotated[list[RuleStep], msgspec.Meta(max_length=5)]


class RulesContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to page a person: `high` for critical and major alerts, `low` for the others.

    The first step is due at once, the later ones in order, each channel once. An empty list: as the tier says.
    `quiet_hours`, on the clock of the person's zone, hold pages of warnings and infos until they end; null: none.
    """

    high: Steps = []
    low: Steps = []
    quiet_hours: QuietHours | None = None


class NotificationRules(msgspec.Struct, frozen=True, kw_only=True):
    """How a person wants to be paged. `unreachable`: channels in the rules for which the person has no address.

    `timezone` is the zone on whose clock the quiet hours are read.
    """

    high: list[RuleStep]
    low: list[RuleStep]
    quiet_hours: QuietHours | None
    timezone: str
    revision: int
    unreachable: list[ContactKind]


class TestPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page that tries a contact method, or brings the code that proves it (`code`); it concerns no alert.

    `sent`: the provider took it. `unclear`: the provider gave no answer, so it may have arrived. It is tried once.
    """

    id: UUID
    purpose: PagePurpose
    channel: ContactKind
    address: str
    asked_by: Actor
    status: Literal["queued", "sending", "sent", "failed", "unclear"]
    provider: str | None
    provider_id: str | None
    reason: str | None
    detail: str | None
    created_at: datetime
    settled_at: datetime | None


class TestPagePage(Page, frozen=True, kw_only=True):
    """The newest test pages over a contact method, newest first; at most 20."""

    items: list[TestPage]
