"""The recipe of the manual: what we sign, its code believes, and nothing else."""

import re
import time
from pathlib import Path

import pytest

from nightowl_notifier.channels.webhook import sign

PAGE = Path(__file__).parents[4] / "docs/howto/subscribe-to-events.md"
SECRET = "whsec_c2VjcmV0"
BODY = '{"title": "<script> \\u202e 🔥"}'.encode()


@pytest.fixture
def is_genuine():
    """The function in the page."""
    [code] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names: dict = {}
    exec(compile(code, str(PAGE), "exec"), names)
    return names["is_genuine"]


def signed(*, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    """The headers of a post of `BODY`."""
    sent_at = str(int(time.time() if at is None else at))
    signature = sign(secret, message_id="m1", timestamp=sent_at, body=BODY)
    return {"webhook-id": "m1", "webhook-timestamp": sent_at, "webhook-signature": signature}


def test_what_we_sign_is_genuine(is_genuine):
    """Also beside a signature of another key."""
    headers = signed()

    assert is_genuine(SECRET, headers, BODY)
    assert is_genuine(SECRET, {**headers, "webhook-signature": f"v1,AAAA {headers['webhook-signature']}"}, BODY)


@pytest.mark.parametrize(
    "changes", [{"webhook-id": "m2"}, {"webhook-signature": "v1,AAAA"}, {"webhook-signature": ""}], ids=str
)
def test_what_was_changed_on_the_way_is_not(is_genuine, changes):
    """Neither its headers nor its body."""
    assert not is_genuine(SECRET, {**signed(), **changes}, BODY)
    assert not is_genuine(SECRET, signed(), BODY + b" ")


def test_what_is_old_or_of_another_secret_is_not(is_genuine):
    """Five minutes, in both directions."""
    assert not is_genuine(SECRET, signed(at=time.time() - 400), BODY)
    assert not is_genuine(SECRET, signed(at=time.time() + 400), BODY)
    assert not is_genuine(SECRET, signed(secret="whsec_b3RoZXI="), BODY)
