"""Which route an alert takes. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal
from uuid import UUID

import msgspec

from nightowl_alerting.model import Route
from nightowl_alerting.noise.matchers import fits
from nightowl_alerting.noise.model import RouteRule, Subject

SERVICE_LABEL = "service"

Field = Literal["service_id", "policy_id", "slack_channel", "pages_from"]
"""What a route may decide, each by itself."""


class Routing(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's routes in order, its services by name, and what holds for all else."""

    routes: Sequence[RouteRule] = ()
    services: Mapping[str, Route] = {}
    default: Route = Route()

    def service_by_id(self, service_id: UUID | None) -> Route:
        """A service with its own policy."""
        return next((each for each in self.services.values() if each.service_id == service_id), Route())


def choose_route(subject: Subject, routing: Routing) -> Route:
    """Service, policy, channel and the lowest severity that pages, with the names of the routes that said so.

    What no route says: the service is the one that the `service` label names; the policy is that of the service, else
    the tenant's; what pages is major and critical.
    """
    taken = list(taken_routes(subject, routing.routes))
    says_service = first_saying(taken, "service_id")
    named = routing.services.get(subject.get(SERVICE_LABEL, ""), Route())
    service = named if says_service is None else routing.service_by_id(says_service.service_id)
    usual = routing.default if service.policy_id is None else service
    policy = first_saying(taken, "policy_id") or usual
    says_channel, says_pages = first_saying(taken, "slack_channel"), first_saying(taken, "pages_from")
    return Route(
        service_id=service.service_id,
        policy_id=policy.policy_id,
        policy_version=policy.policy_version,
        slack_channel=None if says_channel is None else says_channel.slack_channel,
        pages_from=(says_pages and says_pages.pages_from) or "major",
        via=tuple(each.name for each in taken),
    )


def first_saying(taken: Sequence[RouteRule], field: Field) -> RouteRule | None:
    """Which of the routes that an alert takes decides a field; None: it is left to the defaults."""
    for each in taken:
        if getattr(each, field) is not None:
            return each
    return None


def taken_routes(subject: Subject, routes: Sequence[RouteRule]) -> Iterator[RouteRule]:
    """The routes that an alert takes: the first that fits, and while these continue, the next ones that fit."""
    for route in routes:
        if fits(route.matchers, subject):
            yield route
            if not route.continues:
                return
