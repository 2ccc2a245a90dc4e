"""An escalation on a virtual clock: the decisions and the resolving that page for real. Pure."""

from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from nightowl_alerting import paging
from nightowl_alerting.model import Alert, Policy
from nightowl_alerting.targets.model import Duty, Resolved, Staff, urgency_of
from nightowl_alerting.targets.resolve import page_admins, resolve_tier


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """A tier that pages at an instant, or the end, at which the admins are told (`is_end`)."""

    cycle: int
    tier: int
    at: datetime
    resolved: Resolved
    is_end: bool = False


def climb(
    alert: Alert, policy: Policy, *, staff: Staff, duty_at: Callable[[datetime], Duty], start: datetime
) -> Iterator[Rung]:  # fmt: skip
    """The rungs of an alert whose next tier is due at `start`, as long as nobody takes it, to the end of the policy."""
    urgency = urgency_of(alert.severity)
    if alert.slack_channel is not None:
        staff = msgspec.structs.replace(staff, slack_channel=alert.slack_channel)
    now = start
    while True:
        match paging.decide_escalation(alert, policy, timer_version=alert.escalation_version, now=now):
            case paging.Page() as page:
                resolved = resolve_tier(policy.tiers[page.tier], staff=staff, duty=duty_at(now), urgency=urgency)
                yield Rung(cycle=page.cycle, tier=page.tier, at=now, resolved=resolved)
                alert = msgspec.structs.replace(alert, cycle=page.cycle, tier=page.tier + 1)
                now = page.next_due_at if resolved.recipients else now
            case paging.Exhaust():
                told = Resolved(recipients=page_admins(staff), behind=[])
                yield Rung(cycle=alert.cycle, tier=alert.tier, at=now, resolved=told, is_end=True)
                return
            case paging.Drop():
                return


def a_new_alert(like: Alert, policy: Policy) -> Alert:
    """The alert as it was when it opened, under a policy: its first tier is due."""
    return msgspec.structs.replace(
        like,
        policy_id=policy.policy_id,
        policy_version=policy.version,
        escalation_state="pending",
        muted_by=None,
        cycle=0,
        first_cycle=0,
        tier=0,
    )
