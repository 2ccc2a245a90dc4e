"""What the notifier reads from the environment.

A provider counts as configured when its token is set; a half-configured one refuses to start, because its pages
would silently go nowhere.
"""

from typing import Annotated, Literal

import msgspec

from nightowl_common.settings import BaseSettings, Secret, documented

_Url = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/?#]+")]


class Settings(BaseSettings, frozen=True, kw_only=True):
    """Settings of the notifier."""

    canary_url: Annotated[
        _Url | None,
        documented("Where the canary's alert is sent, without a path: best the address that senders use; unset: none."),
    ] = None
    canary_key: Annotated[Secret | None, documented("The key that `nightowl canary install` let in.")] = None
    canary_heartbeat_url: Annotated[
        Secret | None, documented("Called with GET each time the canary has come through; for a watcher outside.")
    ] = None
    canary_seconds: Annotated[float, msgspec.Meta(ge=1, le=3_600, description="Seconds between two canaries.")] = 60.0
    lease_seconds: Annotated[
        float,
        msgspec.Meta(ge=5, le=600, description="Seconds that a claimed page belongs to one process."),
    ] = 30.0
    provider_timeout_seconds: Annotated[
        float,
        msgspec.Meta(gt=0, description="Seconds that a provider has to answer; less than half of the lease."),
    ] = 10.0
    channel_workers: Annotated[
        int,
        msgspec.Meta(ge=1, le=100, description="Pages sent at once per channel, by hints and again by the due loop."),
    ] = 32
    webhook_lanes: Annotated[
        int, msgspec.Meta(ge=1, le=32, description="Events posted at once to one subscription, by one process.")
    ] = 4
    card_workers: Annotated[
        int, msgspec.Meta(ge=1, le=20, description="Alerts of one tenant whose Slack messages are updated at once.")
    ] = 2
    due_batch: Annotated[
        int, msgspec.Meta(ge=1, le=1_000, description="Due deliveries looked at in one round, at most.")
    ] = 100
    local_outbox: Annotated[
        bool,
        documented("Pages of channels without a provider are written to the local outbox. Not in production mode."),
    ] = False
    public_url: Annotated[
        _Url | None,
        documented("Where the outside world reaches this installation, without a path; needed for callbacks."),
    ] = None
    callback_secret: Annotated[
        Secret | None,
        documented("Key that signs callback addresses and page links; derived from the Twilio token when unset."),
    ] = None
    slack_bot_token: Annotated[
        Secret | None, documented("Slack bot token (`xoxb-…`); unset: Slack is not configured.")
    ] = msgspec.field(name="SLACK_BOT_TOKEN", default=None)
    slack_signing_secret: Annotated[
        Secret | None, documented("What Slack signs its requests to us with; unset: none of them is taken.")
    ] = msgspec.field(name="SLACK_SIGNING_SECRET", default=None)
    slack_answer_seconds: Annotated[
        float,
        msgspec.Meta(
            gt=0,
            le=60,
            description="Seconds until Slack, which waits for 3, has an answer; the rest is told later.",
        ),
    ] = 2.0
    slack_api_url: Annotated[_Url, documented("Base address of Slack's Web API.")] = msgspec.field(
        name="SLACK_API_URL", default="https://slack.com/api/"
    )
    twilio_account_sid: Annotated[str | None, documented("Twilio account (`AC…`); unset: no text messages.")] = (
        msgspec.field(name="TWILIO_ACCOUNT_SID", default=None)
    )
    twilio_auth_token: Annotated[
        Secret | None, documented("Twilio auth token; it signs Twilio's requests to us as well.")
    ] = msgspec.field(name="TWILIO_AUTH_TOKEN", default=None)
    twilio_from: Annotated[
        Annotated[str, msgspec.Meta(pattern=r"^\+[1-9][0-9]{6,14}$")] | None,
        documented("The number that text messages come from, E.164."),
    ] = msgspec.field(name="TWILIO_FROM", default=None)
    twilio_second_from: Annotated[
        Annotated[str, msgspec.Meta(pattern=r"^\+[1-9][0-9]{6,14}$")] | None,
        documented("The number that takes over where the first one is refused, E.164."),
    ] = msgspec.field(name="TWILIO_SECOND_FROM", default=None)
    twilio_api_url: Annotated[_Url, documented("Base address of Twilio's REST API.")] = msgspec.field(
        name="TWILIO_API_URL", default="https://api.twilio.com"
    )
    smtp_host: Annotated[str | None, documented("Mail server that takes our mail; unset: no mail.")] = None
    smtp_port: Annotated[int, msgspec.Meta(ge=1, le=65_535, description="Its TCP port.")] = 587
    smtp_security: Annotated[
        Literal["starttls", "tls", "plain"],
        documented("`starttls` and `tls` refuse a server that does not offer it; `plain` takes no password."),
    ] = "starttls"
    smtp_user: Annotated[str | None, documented("Name to sign in to the mail server with; unset: no sign-in.")] = None
    smtp_password: Annotated[Secret | None, documented("Password for it.")] = None
    mail_from: Annotated[
        Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+\Z")] | None,
        documented("The address that mail comes from."),
    ] = None
    link_minutes: Annotated[
        int, msgspec.Meta(ge=5, le=10_080, description="Minutes that a page link acknowledges.")
    ] = 240
    vapid_key: Annotated[
        Secret | None,
        documented(
            "Private key that signs web pushes (`nightowl secrets new-vapid-key` makes one), the same as for the query "
            "service; unset: no web push."
        ),
    ] = None
    vapid_contact: Annotated[
        Annotated[str, msgspec.Meta(pattern=r"^(mailto:[^@\s]+@[^@\s]+|https://[^\s/?#]+\S*)\Z")] | None,
        documented("Where a push service's operator reaches you: `mailto:` or `https:`; unset: the public address."),
    ] = None
    master_keys: Annotated[
        Secret,
        documented("Keys that tenants' provider credentials and browsers are sealed under, as for the query service."),
    ] = Secret("")
    webhook_hosts: Annotated[
        str,
        documented(
            "Hosts that endpoints may be on though they are private or without TLS, separated by commas: names or "
            "literal addresses. For installations of one's own."
        ),
    ] = ""

    def __post_init__(self) -> None:
        """Refuses settings that contradict each other; `load_settings` reports it as a SettingsError."""
        self._check_accounts()
        if (self.canary_url is None) != (self.canary_key is None):
            raise ValueError("the canary needs NIGHTOWL_CANARY_URL and NIGHTOWL_CANARY_KEY, or neither of them")
        if self.local_outbox and self.mode == "production":
            raise ValueError("NIGHTOWL_LOCAL_OUTBOX is refused in production mode: pages would reach nobody")
        if self.provider_timeout_seconds * 2 >= self.lease_seconds:
            raise ValueError("NIGHTOWL_PROVIDER_TIMEOUT_SECONDS must be less than half of NIGHTOWL_LEASE_SECONDS")
        if (self.smtp_host is None) != (self.mail_from is None):
            raise ValueError("mail needs NIGHTOWL_SMTP_HOST and NIGHTOWL_MAIL_FROM, or neither of them")
        if (self.smtp_user is None) != (self.smtp_password is None):
            raise ValueError("NIGHTOWL_SMTP_USER and NIGHTOWL_SMTP_PASSWORD belong together")
        if self.smtp_password is not None and self.smtp_security == "plain":
            raise ValueError("NIGHTOWL_SMTP_PASSWORD is not sent over a plain connection; use starttls or tls")

    def _check_accounts(self) -> None:
        parts = (self.twilio_account_sid, self.twilio_auth_token, self.twilio_from)
        if any(parts) and not all(parts):
            raise ValueError("Twilio needs TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM, or none of them")
        if self.twilio_second_from is not None and not all(parts):
            raise ValueError("TWILIO_SECOND_FROM needs TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM")
        if self.slack_signing_secret is not None and self.slack_bot_token is None:
            raise ValueError("SLACK_SIGNING_SECRET needs SLACK_BOT_TOKEN")

    @property
    def contact(self) -> str:
        """What push services are told. Where nothing is set some of them take no messages."""
        is_public = self.public_url is not None and self.public_url.startswith("https://")
        return self.vapid_contact or (str(self.public_url) if is_public else "mailto:nobody@localhost")

    @property
    def listed_hosts(self) -> frozenset[str]:
        """`webhook_hosts`, in lower case."""
        return frozenset(each.strip().lower() for each in self.webhook_hosts.split(",") if each.strip())
