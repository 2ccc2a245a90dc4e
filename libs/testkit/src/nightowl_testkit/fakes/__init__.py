"""Slack, Twilio, a mail server, an OpenID provider, a push service, a receiver of webhooks and a collector of spans.

Each is there as far as NightOwl talks to it.

They record what a person would have received, and can be told to misbehave.
"""

from nightowl_testkit.fakes.collector import CollectedSpan, FakeCollector
from nightowl_testkit.fakes.hooks import FakeHooks
from nightowl_testkit.fakes.mail import FakeMail
from nightowl_testkit.fakes.oidc import FakeOidc
from nightowl_testkit.fakes.push import FakePush, PushedBrowser
from nightowl_testkit.fakes.script import (
    Callback,
    DroppedReply,
    ErrorAfterAccept,
    ErrorBeforeAccept,
    LateCallback,
    Normal,
    RateLimited,
    Received,
    Refused,
    Slow,
    Step,
    UnheardLookUp,
)
from nightowl_testkit.fakes.slack import FakeSlack
from nightowl_testkit.fakes.slack_user import SlackUser
from nightowl_testkit.fakes.twilio import FakeTwilio

__all__ = [
    "Callback",
    "CollectedSpan",
    "DroppedReply",
    "ErrorAfterAccept",
    "ErrorBeforeAccept",
    "FakeCollector",
    "FakeHooks",
    "FakeMail",
    "FakeOidc",
    "FakePush",
    "FakeSlack",
    "FakeTwilio",
    "LateCallback",
    "Normal",
    "PushedBrowser",
    "RateLimited",
    "Received",
    "Refused",
    "SlackUser",
    "Slow",
    "Step",
    "UnheardLookUp",
]
