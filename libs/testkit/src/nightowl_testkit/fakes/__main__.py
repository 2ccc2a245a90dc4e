"""`python -m nightowl_testkit.fakes`: stands in for Slack, Twilio and a mail server, for a demo without accounts.

Prints the settings that point a notifier here, then what people would have received, a line each, until it is stopped.
It listens on loopback alone, so it shares the notifier's network.
"""

import asyncio
import logging

from nightowl_testkit.fakes import FakeMail, FakeSlack, FakeTwilio
from nightowl_testkit.fakes.provider import Recorder

SLACK_PORT, TWILIO_PORT, MAIL_PORT = 9101, 9102, 9103


async def main() -> None:
    """Runs until it is cancelled."""
    twilio = FakeTwilio(port=TWILIO_PORT)
    twilio.account_sid, twilio.auth_token = "AC-demo", "demo"
    async with FakeSlack(port=SLACK_PORT) as slack, twilio, FakeMail(port=MAIL_PORT) as mail:
        fakes: tuple[Recorder, ...] = (slack, twilio, mail)
        for fake in fakes:
            for name, value in fake.environment.items():
                print(f"{name}={value}", flush=True)
        async with asyncio.TaskGroup() as group:
            for fake in fakes:
                group.create_task(_tell(fake))


async def _tell(fake: Recorder) -> None:
    async for each in fake.follow():
        print(f"{fake.name}: {each}", flush=True)


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(main())
