"""Which alerts a caller means: query parameters and bodies to an `AlertFilter`; and where a page of them begins."""

import base64
import binascii
import re
import struct
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromQuery, QueryParameter

from nightowl_alerting.model import Status
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_contracts import Severity
from nightowl_query.api.edge import INSTANT, moment, read, text, texts
from nightowl_query.api.paging import HIGHEST
from nightowl_query.model import BadCursorError
from nightowl_query.store.alert_filters import NOBODY, SEVERITIES, STATUSES, AlertFilter, LabelPattern, Place

Sort = Literal["newest", "urgent"]

MAX_LABELS = 10
MAX_PATTERNS = 3
MAX_PATTERN = 200

_LABEL = re.compile(r"(?P<key>[^=!~]{1,200})(?P<operator>=~|!~|!=|=)(?P<value>.*)", re.DOTALL)
_BACK_REFERENCE = re.compile(r"\\[1-9]")
_MARK = b"\x02"
_PLACE = struct.Struct(">cb16s")
_LEFT_OUT = QueryParameter(description="None of these.")
_BAD_CURSOR = FieldProblem(field="cursor", reason="take it unchanged from next_cursor, under the same sort")


class WantedAlerts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The filter of the alert list, as a body. Values of one field are alternatives, but every label must fit."""

    status: list[Status] | None = None
    severity: list[Severity] | None = None
    source: list[str] | None = None
    fingerprint: list[str] | None = None
    service: list[str] | None = None
    owner: list[str] | None = None
    assignee: list[str] | None = None
    label: list[str] | None = None
    after: datetime | None = None
    before: datetime | None = None
    q: str | None = None
    group: list[UUID] | None = None
    muted: bool | None = None
    muted_by: list[UUID] | None = None
    cluster: list[str] | None = None
    holder: list[str] | None = None
    policy: list[str] | None = None
    knowledge: bool | None = None
    not_status: list[Status] | None = None
    not_severity: list[Severity] | None = None
    not_source: list[str] | None = None
    not_service: list[str] | None = None
    not_cluster: list[str] | None = None
    not_holder: list[str] | None = None
    not_policy: list[str] | None = None

    def to_filter(self) -> AlertFilter:  # long: a line per field
        """What the store takes.

        Raises:
            InvalidError: a value cannot be meant; says which.
        """
        labels, patterns = read_labels(self.label or [])
        assignees = [each for each in self.assignee or [] if each != NOBODY]
        if len(assignees) != len(self.assignee or []) and assignees:
            problem = FieldProblem(field="assignee", reason=f"{NOBODY} stands alone")
            raise InvalidError(fields=[problem])
        return AlertFilter(
            statuses=_without(self.status, self.not_status, STATUSES),
            severities=_without(self.severity, self.not_severity, SEVERITIES),
            sources=texts(self.source, field="source"),
            fingerprints=texts(self.fingerprint, field="fingerprint"),
            services=texts(self.service, field="service"),
            owners=texts(self.owner, field="owner"),
            assignees=[_user_id(each) for each in assignees] or None,
            is_unassigned=True if self.assignee and not assignees else None,
            labels=labels or None,
            patterns=patterns or None,
            after=moment(self.after, field="after"),
            before=moment(self.before, field="before"),
            words=text(self.q, field="q") or None,
            groups=self.group or None,
            is_muted=self.muted,
            muted_by=self.muted_by or None,
            clusters=texts(self.cluster, field="cluster"),
            holders=texts(self.holder, field="holder"),
            policies=_policy_ids(self.policy, field="policy"),
            is_matched=self.knowledge,
            not_sources=texts(self.not_source, field="not_source"),
            not_services=texts(self.not_service, field="not_service"),
            not_clusters=texts(self.not_cluster, field="not_cluster"),
            not_holders=texts(self.not_holder, field="not_holder"),
            not_policies=_policy_ids(self.not_policy, field="not_policy"),
        )


def provide_filter(  # noqa: PLR0913, PLR0917  # a parameter per filter, as Litestar wants them
    status: FromQuery[list[Status] | None] = None,
    severity: FromQuery[list[Severity] | None] = None,
    source: FromQuery[list[str] | None] = None,
    fingerprint: FromQuery[list[str] | None] = None,
    service: Annotated[list[str] | None, QueryParameter(description="Names of services; empty: no service.")] = None,
    owner: Annotated[list[str] | None, QueryParameter(description="Owners of services.")] = None,
    assignee: Annotated[list[str] | None, QueryParameter(description="Ids of users; `none`: nobody.")] = None,
    label: Annotated[
        list[str] | None,
        QueryParameter(
            description="`key=value`, `key!=value`, `key=~pattern` or `key!~pattern`; every one must fit. A pattern is "
            "a regular expression for the whole value; a missing label is empty."
        ),
    ] = None,
    after: Annotated[
        str | None, QueryParameter(description="First fired at or after this instant.", schema_extra=INSTANT)
    ] = None,
    before: Annotated[
        str | None, QueryParameter(description="First fired before this instant.", schema_extra=INSTANT)
    ] = None,
    q: Annotated[
        str | None,
        QueryParameter(
            description='Words of title or description: all of them, `or`, `-not`, `"a phrase"`; the last one may be '
            "unfinished."
        ),
    ] = None,
    group: Annotated[list[UUID] | None, QueryParameter(description="Ids of groups.")] = None,
    muted: Annotated[
        str | None,
        QueryParameter(
            description="Whether a rule or group mutes its pages now.", schema_extra={"type": OpenAPIType.BOOLEAN}
        ),
    ] = None,
    muted_by: Annotated[
        list[UUID] | None,
        QueryParameter(description="Ids of the silence, window, inhibition rule or group that mutes it."),
    ] = None,
    cluster: Annotated[
        list[str] | None, QueryParameter(description="Values of the label `cluster`; empty: it is missing.")
    ] = None,
    holder: Annotated[
        list[str] | None,
        QueryParameter(description="Ids of who has it, the assignee or else who acknowledged it; `none`: nobody."),
    ] = None,
    policy: Annotated[list[str] | None, QueryParameter(description="Ids of policies; `none`: no policy.")] = None,
    knowledge: Annotated[
        str | None,
        QueryParameter(
            description="Whether an incident of the knowledge base fits.", schema_extra={"type": OpenAPIType.BOOLEAN}
        ),
    ] = None,
    not_status: Annotated[list[Status] | None, _LEFT_OUT] = None,
    not_severity: Annotated[list[Severity] | None, _LEFT_OUT] = None,
    not_source: Annotated[list[str] | None, _LEFT_OUT] = None,
    not_service: Annotated[list[str] | None, _LEFT_OUT] = None,
    not_cluster: Annotated[list[str] | None, _LEFT_OUT] = None,
    not_holder: Annotated[list[str] | None, _LEFT_OUT] = None,
    not_policy: Annotated[list[str] | None, _LEFT_OUT] = None,
) -> AlertFilter:
    """For `Provide`. Repeated parameters are alternatives; every `label` must fit.

    Raises:
        InvalidError: a time has no offset, a text cannot be in the database, or a label is not a matcher.
    """
    wanted = WantedAlerts(
        status=status, severity=severity, source=source, fingerprint=fingerprint, service=service, owner=owner,
        assignee=assignee, label=label, after=read(after, datetime, field="after"),
        before=read(before, datetime, field="before"), q=q, group=group,
        muted=read(muted, bool, field="muted"), muted_by=muted_by, cluster=cluster, holder=holder, policy=policy,
        knowledge=read(knowledge, bool, field="knowledge"), not_status=not_status, not_severity=not_severity,
        not_source=not_source, not_service=not_service, not_cluster=not_cluster, not_holder=not_holder,
        not_policy=not_policy,
    )  # fmt: skip
    return wanted.to_filter()


def read_labels(labels: Sequence[str]) -> tuple[dict[str, str], list[LabelPattern]]:
    """Matchers in the words of Alertmanager: (what must be equal, everything else).

    Raises:
        InvalidError: not a matcher, too many, or a pattern that could take for ever.
    """
    texts(labels, field="label")
    equal: dict[str, str] = {}
    patterns: list[LabelPattern] = []
    for label in labels:
        match = _LABEL.fullmatch(label)
        if match is None:
            raise _bad_label("key=value, key!=value, key=~pattern or key!~pattern")
        if match["operator"] == "=" and match["value"]:
            if equal.setdefault(match["key"], match["value"]) != match["value"]:
                raise _bad_label("one value per key: use key=~a|b")
        else:
            patterns.append(_pattern(match["key"], match["operator"], match["value"]))
    if len(labels) > MAX_LABELS or len(patterns) > MAX_PATTERNS:
        raise _bad_label(f"at most {MAX_LABELS} labels, {MAX_PATTERNS} of them with an operator other than =")
    return equal, patterns


def encode_place(urgency: int, alert_id: UUID) -> str:
    """The cursor of what comes after an alert in the order of urgency."""
    return base64.urlsafe_b64encode(_PLACE.pack(_MARK, urgency, alert_id.bytes)).decode().rstrip("=")


def decode_place(cursor: str | None) -> Place:
    """Where a page in the order of urgency begins.

    Raises:
        BadCursorError: not made by `encode_place`.
    """
    if cursor is None:
        return Place(id=HIGHEST, urgency=127)
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        mark, urgency, alert_id = _PLACE.unpack(raw)
    except (binascii.Error, ValueError, struct.error) as error:
        raise BadCursorError(fields=[_BAD_CURSOR]) from error
    if mark != _MARK:
        raise BadCursorError(fields=[_BAD_CURSOR])
    return Place(id=UUID(bytes=alert_id), urgency=urgency)


def _pattern(key: str, operator: str, value: str) -> LabelPattern:
    if operator == "=":  # an empty value: the label is missing or empty
        return LabelPattern(key=key, operator="=~", value="")
    if len(value) > MAX_PATTERN or _BACK_REFERENCE.search(value):
        raise _bad_label(f"a pattern has at most {MAX_PATTERN} characters and no back reference")
    return msgspec.convert({"key": key, "operator": operator, "value": value}, LabelPattern)


def _bad_label(reason: str) -> InvalidError:
    return InvalidError(fields=[FieldProblem(field="label", reason=reason)])


def _without(values: Sequence[str] | None, left_out: Sequence[str] | None, every: Sequence[str]) -> list[str] | None:
    """Of the values, or of all that there are, those that are not left out; None: any."""
    if not left_out:
        return None if values is None else list(values)
    return [each for each in (every if values is None else values) if each not in left_out]


def _policy_ids(values: Sequence[str] | None, *, field: str) -> list[str] | None:
    try:
        return None if values is None else [each if each == NOBODY else str(UUID(each)) for each in values]
    except ValueError as error:
        raise InvalidError(fields=[FieldProblem(field=field, reason="the id of a policy, or none")]) from error


def _user_id(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise InvalidError(fields=[FieldProblem(field="assignee", reason="the id of a user, or none")]) from error
