"""What every answer of the notifier tells a browser. All routes are called."""

import pytest
from litestar.routes import HTTPRoute

pytestmark = pytest.mark.integration


async def test_every_answer_has_the_headers_of_an_answer(notifier):
    """Also refusals, and answers to paths that are none."""
    running = await notifier(NIGHTOWL_PUBLIC_URL="https://owl.example.com")
    routes = [each for each in running.app.routes if isinstance(each, HTTPRoute)]
    calls = [(str(method), each.path_format) for each in routes for method in sorted(each.methods)]

    for method, path in [*calls, ("GET", "/nowhere")]:
        real = path.replace("{token}", "made-up").replace("{tenant}", "acme").replace("{delivery_id}", "made-up")
        answer = await running.client.request(method, real, headers={"X-Request-ID": "from-the-caller"})

        headers = answer.headers
        assert answer.status_code != 500, path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "no-referrer", path
        assert headers["cache-control"] == "no-store", path
        assert headers["x-request-id"] == "from-the-caller", path
        assert headers["strict-transport-security"] == "max-age=31536000", path
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'"), path
        assert "frame-ancestors 'none'" in policy, path
        assert "script-src" not in policy, path


async def test_a_body_of_a_callback_is_bounded(notifier):
    """Before anybody looks whether it is signed."""
    running = await notifier()

    answer = await running.client.post("/api/v1/twilio/sms", content=b"a" * (1024**2 + 1))

    assert answer.status_code in {403, 413}
