"""What query reads from the environment."""

from datetime import timedelta
from typing import Annotated

import msgspec

from nightowl_auth import Rates, SessionRules
from nightowl_auth.oidc import OidcSettings
from nightowl_common.settings import Secret, SettingsError, documented


class Settings(OidcSettings, frozen=True, kw_only=True):
    """Settings of the query service."""

    public_url: Annotated[
        str,
        documented("Where browsers reach this installation. Cookies need TLS, but in `dev` mode without https here."),
    ] = ""
    web_dir: Annotated[
        str, documented("Folder of the built front end, read once at the start. Without it, `/` leads to the outbox.")
    ] = ""
    session_hours: Annotated[
        int, msgspec.Meta(ge=1, le=24 * 90, description="Hours until a browser must sign in again, however busy it is.")
    ] = 168
    session_idle_minutes: Annotated[
        int, msgspec.Meta(ge=5, le=60 * 24 * 90, description="Minutes without a call after which a session is over.")
    ] = 720
    key_calls_per_minute: Annotated[
        int,
        msgspec.Meta(ge=0, description="API calls a minute by one key or session; more are answered 429. 0: any."),
    ] = 6_000
    tenant_calls_per_minute: Annotated[
        int, msgspec.Meta(ge=0, description="The same for a whole tenant. Tenants may have their own.")
    ] = 30_000
    sign_ins_per_minute: Annotated[
        int, msgspec.Meta(ge=1, description="Attempts to sign in a minute from one address, per process.")
    ] = 30
    dev_login: Annotated[
        bool, documented("Whoever sends `X-Tenant-Slug` is that tenant's admin. Refused unless the mode is `dev`.")
    ] = False
    slack_api_url: Annotated[str, documented("Base address of Slack's Web API, to test tenants' credentials.")] = (
        msgspec.field(name="SLACK_API_URL", default="https://slack.com/api/")
    )
    twilio_api_url: Annotated[str, documented("Base address of Twilio's REST API, to test tenants' credentials.")] = (
        msgspec.field(name="TWILIO_API_URL", default="https://api.twilio.com")
    )
    webhook_hosts: Annotated[
        str, documented("Hosts that may be private, as for the notifier; here, mail servers to test.")
    ] = ""
    master_keys: Annotated[
        Secret,
        documented(
            "Keys that tenants' provider credentials are sealed under: `id:key,id:key`, each key 32 bytes in base64"
            " (`nightowl secrets new-key` makes one). The first seals, all open. Without any, none can be set."
        ),
    ] = Secret("")

    vapid_key: Annotated[
        Secret | None,
        documented("What browsers subscribe under for web push, the same as for the notifier; unset: no web push."),
    ] = None

    @property
    def rates(self) -> Rates:
        """What is allowed where a tenant has no limits of its own."""
        return Rates(per_key=self.key_calls_per_minute, per_tenant=self.tenant_calls_per_minute)

    @property
    def listed_hosts(self) -> frozenset[str]:
        """`webhook_hosts`, in lower case."""
        return frozenset(each.strip().lower() for each in self.webhook_hosts.split(",") if each.strip())

    @property
    def sessions(self) -> SessionRules:
        """How long sessions last, and whether their cookie needs TLS."""
        return SessionRules(
            lifetime=timedelta(hours=self.session_hours),
            idle=timedelta(minutes=self.session_idle_minutes),
            is_secure=self.mode == "production" or self.public_url.startswith("https://"),
        )


def require_safe(settings: Settings) -> None:
    """Does nothing when the settings may be used.

    Raises:
        SettingsError: what is for development alone is asked for in production, or an issuer is not all there.
    """
    if settings.dev_login and settings.mode != "dev":
        raise SettingsError("NIGHTOWL_DEV_LOGIN lets everybody in; it needs NIGHTOWL_MODE=dev")
    if settings.installation_issuer is not None and not settings.public_url:
        raise SettingsError("OIDC_ISSUER_URL needs NIGHTOWL_PUBLIC_URL, where providers send browsers back to")
