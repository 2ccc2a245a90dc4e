"""Who types what a page says, and what they type for the names that pages use."""

import re
from pathlib import Path

import msgspec

ADDRESSES = ("http://127.0.0.1:8080", "https://nightowl.example.com")
"""What pages call the installation; here it is where the stack listens."""

OWN_TENANT = re.compile(r"\bacme\b(?![.-])")
"""What pages call the reader's tenant. Each page has one of its own, with Alice, Bob and Carol in it."""


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who types what a page says, on a running stack, in a folder of their own."""

    url: str
    tenant: str
    folder: Path
    environment: dict[str, str]

    def typed(self, text: str) -> str:
        """What they type for what stands there: their own address and tenant, and patience on a busy machine."""
        for address in ADDRESSES:
            text = text.replace(address, self.url)
        return OWN_TENANT.sub(self.tenant, text.replace("Prefer: wait=1'", "Prefer: wait=10'"))
