"""`nightowl secrets`, and the secrets of an installation on one machine."""

import secrets
from collections.abc import Callable
from pathlib import Path

import rich_click as click

from nightowl_alerting.credentials import wrap_credentials_anew
from nightowl_alerting.push.keys import make_vapid_key
from nightowl_alerting.push.store import wrap_subscriptions_anew
from nightowl_alerting.sealing import MasterKeys, make_master_key
from nightowl_cli.connections import database
from nightowl_cli.settings import MasterKeySettings
from nightowl_common.errors import NightOwlError
from nightowl_common.settings import load_settings


def new_key(key_id: str) -> None:
    """Prints a fresh master key."""
    line = make_master_key(key_id)
    MasterKeys.parse(line)
    click.echo(line)


async def rotate() -> int:
    """Wraps everything that is under an older master key under the first; 1 when a tenant's could not be."""
    keys = MasterKeys.parse(load_settings(MasterKeySettings).master_keys.reveal())
    failed = wrapped = 0
    async with database() as opened:
        for slug in sorted(await opened.tenants()):
            try:
                async with opened.tenant_tx(slug) as tx:
                    wrapped += await wrap_credentials_anew(tx, slug, keys)
                    wrapped += await wrap_subscriptions_anew(tx, slug, keys)
            except NightOwlError as error:
                failed += 1
                click.echo(f"FAILED {slug}: {error.detail}", err=True)
    click.echo(f"{wrapped} wrapped anew under {keys.current}")
    return 1 if failed else 0


def new_vapid_key() -> None:
    """Prints a fresh key for web push."""
    click.echo(make_vapid_key())


def kept_secrets(folder: Path) -> dict[str, str]:
    """Settings whose values lie in files that only their owner reads; made where there are none.

    For embedded servers alone.
    """
    return {
        "NIGHTOWL_MASTER_KEYS": _kept(folder / "master-key", lambda: make_master_key("local")),
        "NIGHTOWL_CALLBACK_SECRET": _kept(folder / "callback-secret", lambda: secrets.token_hex(32)),
        "NIGHTOWL_VAPID_KEY": _kept(folder / "vapid-key", make_vapid_key),
    }


def _kept(path: Path, make: Callable[[], str]) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(make())
    return path.read_text()
