"""The formats of other programs that pages show, as far as they show them: a field that is not there is refused.

Taken from what each program documents of its own format. Fragments are read as what they are a part of.
"""

from typing import Annotated, Any

import msgspec

Address = Annotated[str, msgspec.Meta(pattern="^https?://")]
Duration = Annotated[str, msgspec.Meta(pattern=r"^(?:[0-9]+(?:ms|[smhdwy]))+$")]


class Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Other fields are refused."""


class Authorization(Strict):
    """`http_config.authorization` of Prometheus' programs."""

    credentials: str
    type: str = "Bearer"


class HeaderValues(Strict):
    """The values of one header: shown in the status page, or secret, or in files."""

    values: list[str] = []
    secrets: list[str] = []
    files: list[str] = []


class HttpConfig(Strict):
    """`http_config` of Prometheus' programs; `http_headers` since Alertmanager 0.28."""

    authorization: Authorization | None = None
    basic_auth: dict[str, str] | None = None
    http_headers: dict[str, HeaderValues] = {}
    tls_config: dict[str, Any] | None = None
    follow_redirects: bool = True
    proxy_url: str | None = None


class WebhookConfig(Strict):
    """A webhook of a receiver."""

    url: Address
    send_resolved: bool = True
    http_config: HttpConfig | None = None
    max_alerts: int = 0
    timeout: Duration | None = None


class Receiver(Strict):
    """Who is told."""

    name: str
    webhook_configs: list[WebhookConfig] = []


class Route(Strict):
    """Which alerts a receiver is told of, and how often."""

    receiver: str | None = None
    matchers: list[str] = []
    group_by: list[str] = []
    group_wait: Duration | None = None
    group_interval: Duration | None = None
    repeat_interval: Duration | None = None
    mute_time_intervals: list[str] = []
    routes: "list[Route]" = []
    continue_: bool = msgspec.field(name="continue", default=False)


class Alertmanager(Strict):
    """`alertmanager.yml`."""

    receivers: list[Receiver] = []
    route: Route | None = None


class AlertmanagerHttp(Strict):
    """A piece of a receiver's webhook."""

    http_config: HttpConfig


class KeepProvider(msgspec.Struct, frozen=True, kw_only=True):
    """What an action of Keep's calls; `with` is the provider's own."""

    type: str
    config: str


class KeepAction(Strict):
    """A step of a workflow."""

    name: str
    provider: KeepProvider


class KeepTrigger(msgspec.Struct, frozen=True, kw_only=True):
    """What begins a workflow; a filter depends on its type."""

    type: str


class KeepWorkflow(Strict):
    """`workflow` in a file of Keep's."""

    id: str
    triggers: list[KeepTrigger]
    actions: list[KeepAction]
    name: str | None = None
    description: str | None = None


class Keep(Strict):
    """A file of Keep's."""

    workflow: KeepWorkflow


class SlackCommand(Strict):
    """A slash command."""

    command: Annotated[str, msgspec.Meta(pattern="^/[a-z-]+$", max_length=32)]
    url: Address
    description: Annotated[str, msgspec.Meta(max_length=2_000)]
    usage_hint: Annotated[str, msgspec.Meta(max_length=1_000)] = ""
    should_escape: bool = False


class SlackHome(Strict):
    """The app's own page in Slack."""

    messages_tab_enabled: bool
    messages_tab_read_only_enabled: bool


class SlackBotUser(Strict):
    """Who the app speaks as."""

    display_name: Annotated[str, msgspec.Meta(max_length=80)]
    always_online: bool


class SlackFeatures(Strict):
    """What people see."""

    bot_user: SlackBotUser
    app_home: SlackHome
    slash_commands: list[SlackCommand]


class SlackScopes(Strict):
    """What the app may."""

    bot: list[str]


class SlackOauth(Strict):
    """How it is installed."""

    scopes: SlackScopes


class SlackInteractivity(Strict):
    """Where buttons and forms go."""

    is_enabled: bool
    request_url: Address


class SlackEvents(Strict):
    """Where events go."""

    request_url: Address
    bot_events: list[str]


class SlackSettings(Strict):
    """The rest."""

    interactivity: SlackInteractivity
    event_subscriptions: SlackEvents
    org_deploy_enabled: bool
    socket_mode_enabled: bool
    token_rotation_enabled: bool


class SlackDisplay(Strict):
    """What it is called."""

    name: Annotated[str, msgspec.Meta(max_length=35)]
    description: Annotated[str, msgspec.Meta(max_length=140)]


class SlackManifest(Strict):
    """An app's manifest, with everything that NightOwl's needs."""

    display_information: SlackDisplay
    features: SlackFeatures
    oauth_config: SlackOauth
    settings: SlackSettings


BY_MEMBER: dict[str, type[Strict]] = {
    "receivers": Alertmanager,
    "route": Alertmanager,
    "http_config": AlertmanagerHttp,
    "workflow": Keep,
    "display_information": SlackManifest,
}
"""A member at the top → the format that has it."""


def format_of(content: object) -> type[Strict] | None:
    """The format that a page shows; None for one that is not known here."""
    names = content if isinstance(content, dict) else {}
    return next((kind for name, kind in BY_MEMBER.items() if name in names), None)
