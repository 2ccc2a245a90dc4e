"""`POST /api/v1/slack/{commands,interactions,events}`: signed by Slack, answered within its three seconds."""

from typing import Annotated, Any

from litestar import Response, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from nightowl_notifier.api.slack import telling
from nightowl_notifier.api.slack.document import REFUSALS, CommandOperation, EventOperation, InteractionOperation
from nightowl_notifier.api.slack.edge import SlackEdge, done
from nightowl_notifier.api.slack.gate import AnyRequest, read_command, read_event, read_interaction
from nightowl_notifier.api.slack.interactions import CLOSED
from nightowl_notifier.api.slack.telling import say

COMMANDS_PATH = "/api/v1/slack/commands"
INTERACTIONS_PATH = "/api/v1/slack/interactions"
EVENTS_PATH = "/api/v1/slack/events"
TAGS = ["Providers"]
MAX_BODY_BYTES = 1024 * 1024
"""A button brings its whole message along."""

Tenant = Annotated[str, QueryParameter(description="Whose own Slack app it is; only helps to find a secret to try.")]
Json = dict[str, Any]


def slack_routes() -> list[HTTPRouteHandler]:
    """The three routes."""
    return [slack_commands, slack_interactions, slack_events]


@post(
    COMMANDS_PATH, operation_id="slackCommands", tags=TAGS, status_code=200, responses=REFUSALS,
    summary="Somebody types a slash command", operation_class=CommandOperation, request_max_body_size=MAX_BODY_BYTES,
)  # fmt: skip
async def slack_commands(request: AnyRequest, state: State, tenant: Tenant = "") -> Response[Json]:
    """Answers with what only the asker sees. 403 unless Slack has signed it, lately and for the first time."""
    edge: SlackEdge = state.slack
    admitted, command = await edge.admit("command", request, read=read_command, tenant=tenant)
    if command.ssl_check:
        return Response({})
    told = await edge.within("command", edge.command(admitted, command), late=edge.teller(command.response_url))
    return Response((told or say(telling.WORKING)).ephemeral)


@post(
    INTERACTIONS_PATH, operation_id="slackInteractions", tags=TAGS, status_code=200, responses=REFUSALS,
    summary="Somebody presses a button or sends a form", operation_class=InteractionOperation,
    request_max_body_size=MAX_BODY_BYTES,
)  # fmt: skip
async def slack_interactions(request: AnyRequest, state: State, tenant: Tenant = "") -> Response[Json]:
    """What comes of a button is told at its response URL; a form is answered. 403 as for commands."""
    edge: SlackEdge = state.slack
    admitted, asked = await edge.admit("interaction", request, read=read_interaction, tenant=tenant)
    if asked.type == "view_submission" and asked.view is not None:
        sent = await edge.within("interaction", edge.form(admitted, asked, asked.view), late=edge.tell_sender)
        if sent is not None:
            edge.bench.later(edge.tell_sender(sent))
        return Response(CLOSED if sent is None else sent.body)
    if asked.type == "block_actions":
        await edge.within("interaction", edge.button(admitted, asked), late=done)
    return Response({})


@post(
    EVENTS_PATH, operation_id="slackEvents", tags=TAGS, status_code=200, responses=REFUSALS,
    summary="Something happens in a workspace", operation_class=EventOperation, request_max_body_size=MAX_BODY_BYTES,
)  # fmt: skip
async def slack_events(request: AnyRequest, state: State, tenant: Tenant = "") -> Response[Json]:
    """Mentions and direct messages are answered as commands are; what comes again does nothing. 403 as for commands."""
    edge: SlackEdge = state.slack
    admitted, event = await edge.admit("event", request, read=read_event, tenant=tenant)
    if event.type == "url_verification":
        return Response({"challenge": event.challenge})
    await edge.within("event", edge.event(admitted, event), late=done)
    return Response({})
