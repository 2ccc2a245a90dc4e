"""Metrics of the notifier. No label holds an id or an address."""

from nightowl_common.telemetry import LATENCY_BUCKETS, Counter, Histogram

SLACK_NOTIFICATIONS = Counter(
    "nightowl_slack_notifications_total", "Messages that Slack took, by kind (dm, channel).", ["type"]
)
SLACK_REQUESTS = Counter(
    "nightowl_slack_requests_total",
    "What Slack asked, by kind (command, interaction, event) and outcome (answered, late, refused, doubled, failed).",
    ["kind", "outcome"],
)
SLACK_LEFT = Counter(
    "nightowl_slack_left_total", "Workspaces that removed the app or revoked its tokens, by event.", ["event"]
)
DELIVERIES = Counter(
    "nightowl_deliveries_total",
    "Attempts by what they came to (sent, found, failed, unclear, repeated, superseded) and why.",
    ["channel", "result", "reason"],
)
TENANT_PAGES = Counter(
    "nightowl_tenant_pages_total", "Attempts to send a page, by what they came to.", ["tenant", "result"]
)
DELIVERY_SECONDS = Histogram(
    "nightowl_delivery_seconds",
    "From the page being owed to the provider having taken it.",
    ["channel"],
    buckets=LATENCY_BUCKETS,
)
REPEATS = Counter(
    "nightowl_delivery_repeats_total", "Pages sent again because nobody could say whether they had arrived."
)
HOLDS = Counter("nightowl_delivery_holds_total", "Times a provider asked a channel to wait.", ["channel"])
POSTPONED = Counter("nightowl_deliveries_postponed_total", "Due deliveries put off because handling them failed.")
ANSWERS = Counter(
    "nightowl_answers_total", "What people did with pages where they got them, by way and outcome.", ["over", "outcome"]
)
WEBHOOKS_OWED = Counter("nightowl_webhooks_owed_total", "Events that subscriptions of tenants are owed.")
WEBHOOK_POSTS = Counter(
    "nightowl_webhook_posts_total",
    "Posts to subscriptions by what followed (done, again, give_up, end_subscription, late).",
    ["result"],
)
CARD_CALLS = Counter(
    "nightowl_slack_card_calls_total",
    "Calls that keep Slack's messages up to date: edit, post, look; by what came of them.",
    ["call", "result"],
)
CANARY_FIRED = Counter(
    "nightowl_canary_fired_total", "Canary alerts sent to the webhook, by what it said (taken, refused).", ["result"]
)
CANARY_TOLD = Counter(
    "nightowl_canary_heartbeats_total", "Arrivals of the canary told to the outside watcher (told, failed).", ["result"]
)
