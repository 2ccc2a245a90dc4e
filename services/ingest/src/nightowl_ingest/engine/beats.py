"""A beat: the sign of life of a heartbeat, which its URL names. What its body says is not looked at."""

import re

from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_contracts import ReceivedAlert
from nightowl_ingest.model import Reading

SOURCE = "heartbeat"
LABEL = "heartbeat"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def read_beat(name: str) -> Reading:
    """The beat as an alert that is over: what does not know beats takes it for the end of a miss, and that it is.

    Raises:
        InvalidError: nothing can have this name.
    """
    if _NAME.fullmatch(name) is None:
        reason = "1 to 100 letters, digits, '.', '_' or '-', the first one a letter or digit"
        raise InvalidError(fields=[FieldProblem(field="name", reason=reason)])
    beat = ReceivedAlert(
        index=0,
        fingerprint=f"heartbeat:{name}",
        status="resolved",
        severity="info",
        title=f"Beat of {name}",
        labels={LABEL: name},
    )
    return Reading(alerts=[beat], source=SOURCE)
