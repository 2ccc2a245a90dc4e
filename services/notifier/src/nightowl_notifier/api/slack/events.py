"""Mentions and direct messages, answered as commands are; and the end of an installation, which is only noted."""

from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from nightowl_common.logs import get_logger
from nightowl_notifier import telemetry
from nightowl_notifier.api.slack.people import Caller
from nightowl_notifier.api.slack.telling import Told
from nightowl_notifier.api.slack.wire import Event, Happening
from nightowl_notifier.channels.transport import BROKEN

log = get_logger(__name__)

LEFT = frozenset({"app_uninstalled", "tokens_revoked"})


def is_meant(event: Event) -> bool:
    """Whether a person speaks to us: not a bot, not we ourselves, not an edit, not a room that we only sit in."""
    happened = event.event
    ours = {each.user_id for each in event.authorizations}
    if (
        not isinstance(happened.user, str)
        or happened.bot_id is not None
        or happened.subtype is not None
        or happened.user in ours
    ):
        return False
    return happened.type == "app_mention" or (happened.type == "message" and happened.channel_type == "im")


def note_left(event: Event) -> None:
    """The workspace has thrown us out, or taken tokens back: its pages will fail over."""
    telemetry.SLACK_LEFT.labels(event.event.type).inc()
    log.warning("slack_app_left", kind=event.event.type, team_id=event.team_id)


async def tell(caller: Caller, happened: Happening, told: Told) -> None:
    """Answers where somebody spoke: in a room so that only they see it."""
    try:
        await _post(caller.accounts[0].client, happened, told)
    except (*BROKEN, SlackClientError) as error:
        log.warning("slack_not_told", error=str(error)[:200])


async def _post(client: AsyncWebClient, happened: Happening, told: Told) -> None:
    channel, thread = str(happened.channel), happened.thread_ts
    if happened.channel_type == "im":
        await client.chat_postMessage(
            channel=channel, text=told.text, blocks=told.blocks, thread_ts=thread, unfurl_links=False
        )
        return
    await client.chat_postEphemeral(
        channel=channel, user=str(happened.user), text=told.text, blocks=told.blocks, thread_ts=thread
    )
