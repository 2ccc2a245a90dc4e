"""The bare ASGI application of `ceilings.bare_asgi`: python bare_app.py PORT NATS_URL."""

import sys
from typing import Any
from uuid import uuid4

import uvicorn
import uvloop

from nightowl_common.bus import Bus, Message
from nightowl_common.serve import tune_garbage_collector


async def serve(port: int, nats_url: str) -> None:
    bus = await Bus.connect(nats_url, service="bare", on_closed=sys.exit)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        await bus.publish(Message(stream="PAGES", subject="nightowl.page.bench.webhook", id=uuid4().hex, body=body))
        headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})

    config = uvicorn.Config(app, port=port, http="httptools", log_level="critical", access_log=False)
    tune_garbage_collector()
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), sys.argv[2]))
