"""Slack's signature: by the published rule, by the library, and spoilt; and where answers may go."""

import hashlib
import hmac

import pytest
from slack_sdk.signature import SignatureVerifier

from nightowl_common import clock
from nightowl_common.settings import Secret
from nightowl_notifier.api.slack.gate import read_command, read_event, read_interaction, team_of
from nightowl_notifier.api.slack.signature import read_stamp, signed_by
from nightowl_notifier.api.slack.work import Replies
from nightowl_notifier.channels.accounts import SlackAccount

BODY = "text=oncall&user=Jörg".encode()


def an_account(secret="s3cret", tenant=None):
    return SlackAccount(tenant=tenant, client=None, signing_secret=None if secret is None else Secret(secret))


def stamped(*, secret="s3cret", body=BODY, age=0):
    timestamp = str(int(clock.utc_now().timestamp()) - age)
    mac = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return read_stamp(timestamp=timestamp, signature=f"v0={mac}")


def test_the_rule_and_the_library_make_the_same_signature():
    """So the fakes and the service do not agree by mistake."""
    stamp = stamped()

    assert SignatureVerifier("s3cret").generate_signature(timestamp=stamp.timestamp, body=BODY) == stamp.signature


def test_a_request_belongs_to_the_accounts_whose_secret_signed_it():
    """And to no other."""
    ours, theirs = an_account(tenant="acme"), an_account("other", tenant="globex")

    assert signed_by([theirs, ours], stamped(), BODY) == [ours]


@pytest.mark.parametrize(
    ("stamp", "body"),
    [
        ({"secret": "wrong"}, BODY),
        ({}, BODY + b"&x=1"),
        ({"body": b"\xff"}, b"\xff"),
        ({"age": 301}, BODY),
        ({"age": -400}, BODY),
    ],
)
def test_what_is_not_signed_now_over_this_body_belongs_to_nobody(stamp, body):
    """Another secret, another body, a body that is no text, too old, too new."""
    assert signed_by([an_account()], stamped(**stamp), body) == []


@pytest.mark.parametrize("secret", [None, "", " "])
def test_without_a_secret_everything_is_refused(secret):
    """Also what an empty secret would have signed."""
    assert signed_by([an_account(secret)], stamped(secret=secret or ""), BODY) == []


@pytest.mark.parametrize(
    ("timestamp", "signature"),
    [
        (None, "v0=" + "0" * 64),
        ("1", None),
        ("1e9", "v0=" + "0" * 64),
        ("\u0661", "v0=" + "0" * 64),
        ("1", "v0=ä"),
        ("1", ""),
    ],
)
def test_headers_of_another_form_are_no_signature(timestamp, signature):
    """They are not even tried."""
    assert read_stamp(timestamp=timestamp, signature=signature) is None


@pytest.mark.parametrize(
    ("read", "body", "team"),
    [
        (read_command, b"team_id=T1&enterprise_id=E1", "T1"),
        (read_command, b"enterprise_id=E1", "E1"),
        (read_interaction, b'payload={"type":"x","team":{"id":"T1"}}', "T1"),
        (read_interaction, b'payload={"type":"x","team":null,"enterprise":{"id":"E1"}}', "E1"),
        (read_event, b'{"type":"event_callback","team_id":"T1"}', "T1"),
        (read_event, b'{"type":"url_verification"}', ""),
    ],
)
def test_the_workspace_is_found_in_each_kind_of_request(read, body, team):
    """The organisation stands in for it where an app belongs to one."""
    assert team_of(read(body)) == team


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.slack.com/commands/1",
        "https://hooks.slack.com.evil.example/commands/1",
        "https://hooks.slack.com@evil.example/",
        "https://user@hooks.slack.com/1",
        "https://hooks.slack.com:8443/1",
        "https://hooks.slack.com:x/1",
        "https://slack.com/api/1",
        "https://169.254.169.254/",
        "file:///etc/passwd",
        "",
    ],
)
def test_answers_go_to_slack_and_nowhere_else(url):
    """Whatever a request says."""
    replies = Replies(None, base_url="https://slack.com/api/")

    assert replies.is_slacks("https://hooks.slack.com/commands/T1/2/x")
    assert not replies.is_slacks(url)


def test_another_slack_of_the_settings_may_hand_out_addresses_too():
    """For tests: its origin and no other."""
    replies = Replies(None, base_url="http://127.0.0.1:4000/api/")

    assert replies.is_slacks("http://127.0.0.1:4000/response/1")
    assert not replies.is_slacks("http://127.0.0.1:4001/response/1")
