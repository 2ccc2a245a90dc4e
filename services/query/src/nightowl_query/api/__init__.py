"""The HTTP edge of query, by noun. Handlers answer; SQL is in `store`, changes of alerts are the kernel's."""

from litestar import Router

from nightowl_query.api import (
    actions,
    alerts,
    bulk,
    docs,
    edge,
    endpoints,
    incidents,
    keys,
    ledger,
    oncall,
    outbox,
    payloads,
    runbooks,
    system,
)


def routes() -> list[Router]:  # long: one line per noun
    """All routes but the health ones."""
    return [
        Router(
            "/api/v1",
            route_handlers=[
                *alerts.HANDLERS,
                *payloads.HANDLERS,
                *keys.HANDLERS,
                *endpoints.HANDLERS,
                *actions.HANDLERS,
                *bulk.HANDLERS,
                *oncall.HANDLERS,
                *outbox.HANDLERS,
                *system.HANDLERS,
                *ledger.HANDLERS,
                *incidents.HANDLERS,
                *runbooks.HANDLERS,
            ],
            dependencies=edge.DEPENDENCIES,
        ),
        Router(
            "/",
            route_handlers=outbox.PAGE_HANDLERS,
            dependencies={name: edge.DEPENDENCIES[name] for name in ("database", "principal")},
            include_in_schema=False,
        ),
        docs.router(),
    ]
