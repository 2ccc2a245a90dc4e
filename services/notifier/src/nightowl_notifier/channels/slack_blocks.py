"""Block Kit as plain trees. Pure.

Slack's SDK has classes for them, which check themselves twice on the way out; for a page that costs more than the call
to Slack. The unit tests hold what is made here against those classes.
"""

from collections.abc import Sequence
from typing import Literal

Tree = dict[str, object]


def markdown(text: str) -> Tree:
    """`verbatim`: Slack looks for no links, names or mentions in the text."""
    return {"text": text, "type": "mrkdwn", "verbatim": True}


def section(text: str) -> Tree:
    """A paragraph."""
    return {"text": markdown(text), "type": "section"}


def fields(texts: Sequence[str]) -> Tree:
    """Short texts in two columns, at most ten."""
    return {"fields": [markdown(each) for each in texts], "type": "section"}


def context(text: str) -> Tree:
    """Small print."""
    return {"elements": [markdown(text)], "type": "context"}


def actions(buttons: Sequence[Tree]) -> Tree:
    """A row of buttons."""
    return {"elements": list(buttons), "type": "actions"}


def button(
    text: str, *, action_id: str, value: str, style: Literal["primary", "danger"] | None = None, url: str | None = None
) -> Tree:
    """A button; with an address it opens a page as well."""
    made: Tree = {"action_id": action_id}
    if style is not None:
        made["style"] = style
    made |= {"text": {"emoji": True, "text": text, "type": "plain_text"}, "type": "button"}
    if url is not None:
        made["url"] = url
    return made | {"value": value}
