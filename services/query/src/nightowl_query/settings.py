"""What query reads from the environment."""

from typing import Annotated

from nightowl_common.settings import BaseSettings, Secret, documented


class Settings(BaseSettings, frozen=True, kw_only=True):
    """Settings of the query service."""

    master_keys: Annotated[
        Secret,
        documented(
            "Keys that tenants' provider credentials are sealed under: `id:key,id:key`, each key 32 bytes in base64"
            " (`nightowl secrets new-key` makes one). The first seals, all open. Without any, none can be set."
        ),
    ] = Secret("")
