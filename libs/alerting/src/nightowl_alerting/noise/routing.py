"""Which route an alert takes. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

import msgspec

from nightowl_alerting.model import Route
from nightowl_alerting.noise.matchers import fits
from nightowl_alerting.noise.model import RouteRule, Subject

SERVICE_LABEL = "service"


class Routing(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's routes in order, its services by name, and what holds for all else."""

    routes: Sequence[RouteRule] = ()
    services: Mapping[str, Route] = {}
    default: Route = Route()

    def service_by_id(self, service_id: UUID) -> Route:
        """A service with its own policy."""
        return next((each for each in self.services.values() if each.service_id == service_id), Route())


def choose_route(subject: Subject, routing: Routing) -> Route:
    """Service, policy, channel and the lowest severity that pages, with the names of the routes that said so.

    What no route says: the service is the one that the `service` label names; the policy is that of the service, else
    the tenant's; what pages is major and critical.
    """
    taken = list(taken_routes(subject, routing.routes))
    service_id = next((each.service_id for each in taken if each.service_id is not None), None)
    named = routing.services.get(subject.get(SERVICE_LABEL, ""), Route())
    service = named if service_id is None else routing.service_by_id(service_id)
    usual = routing.default if service.policy_id is None else service
    policy = next((each for each in taken if each.policy_id is not None), usual)
    return Route(
        service_id=service.service_id,
        policy_id=policy.policy_id,
        policy_version=policy.policy_version,
        slack_channel=next((each.slack_channel for each in taken if each.slack_channel is not None), None),
        pages_from=next((each.pages_from for each in taken if each.pages_from is not None), "major"),
        via=tuple(each.name for each in taken),
    )


def taken_routes(subject: Subject, routes: Sequence[RouteRule]) -> Iterator[RouteRule]:
    """The routes that an alert takes: the first that fits, and while these continue, the next ones that fit."""
    for route in routes:
        if fits(route.matchers, subject):
            yield route
            if not route.continues:
                return
