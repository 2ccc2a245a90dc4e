"""What a contact method and a notification rule may say. Pure."""

import re
from collections.abc import Sequence

from nightowl_alerting.push.keys import decode, read_point
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_query.model.contacts import BrowserContent, ContactContent, RulesContent, RuleStep, WrittenKind

AUTH_BYTES = 16

_FORMS: dict[WrittenKind, tuple[re.Pattern[str], str]] = {
    "slack_dm": (re.compile(r"[UW][A-Z0-9]{2,}"), "the id of a Slack user, such as U0123ABC"),
    "sms": (re.compile(r"\+[1-9][0-9]{6,14}"), "a number in international form, such as +4915550000001"),
    "phone": (re.compile(r"\+[1-9][0-9]{6,14}"), "a number in international form, such as +4915550000001"),
    "email": (re.compile(r"[^@\s]+@[^@\s]+"), "an e-mail address"),
}


def require_address(content: ContactContent) -> None:
    """Does nothing when the address has the form of its kind.

    Raises:
        InvalidError: it has not.
    """
    form, words = _FORMS[content.kind]
    if form.fullmatch(content.address) is None:
        raise InvalidError(fields=[FieldProblem(field="$.address", reason=words)])


def require_browser(content: BrowserContent) -> None:
    """Does nothing when pages can be encrypted for the browser.

    Raises:
        InvalidError: they cannot.
    """
    found: list[FieldProblem] = []
    try:
        read_point(content.p256dh)
    except ValueError:
        found.append(FieldProblem(field="$.p256dh", reason="a point on P-256 in base64url"))
    try:
        length = len(decode(content.auth))
    except ValueError:
        length = 0
    if length != AUTH_BYTES:
        found.append(FieldProblem(field="$.auth", reason="16 bytes in base64url"))
    if found:
        raise InvalidError(fields=found)


def require_rules(content: RulesContent) -> None:
    """Does nothing when both rules begin at once, go on in order, and use each channel once, and quiet hours end.

    Raises:
        InvalidError: with each step that does not.
    """
    found = [*_wrong_steps(content.high, path="$.high"), *_wrong_steps(content.low, path="$.low")]
    quiet = content.quiet_hours
    if quiet is not None and quiet.start_time == quiet.end_time:
        found.append(FieldProblem(field="$.quiet_hours.end_time", reason="not the time at which they begin"))
    if found:
        raise InvalidError(fields=found)


def _wrong_steps(steps: Sequence[RuleStep], *, path: str) -> list[FieldProblem]:
    found: list[FieldProblem] = []
    for place, step in enumerate(steps):
        where = f"{path}[{place}]"
        if step.channel in [each.channel for each in steps[:place]]:
            found.append(FieldProblem(field=f"{where}.channel", reason="is named twice"))
        if place == 0 and step.delay_minutes != 0:
            found.append(FieldProblem(field=f"{where}.delay_minutes", reason="the first step is due at once: 0"))
        if place > 0 and step.delay_minutes < steps[place - 1].delay_minutes:
            found.append(FieldProblem(field=f"{where}.delay_minutes", reason="not before the step above"))
    return found
