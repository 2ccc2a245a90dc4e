"""`nightowl audit`."""

import re

import rich_click as click

from nightowl_alerting.audit import Break, Intact, Mark, verify_chain
from nightowl_cli.connections import database

_MARK = re.compile(r"(?P<seq>[0-9]{1,18}):(?P<hash>(?:[0-9a-f]{2}){32})")


async def verify(tenant: str | None, *, known: str | None) -> int:
    """Walks the chains and prints a line for each; 1 when one is broken."""
    mark = None if known is None else _read_mark(known)
    broken = 0
    async with database() as opened:
        for slug in sorted(await opened.tenants()) if tenant is None else [tenant]:
            async with opened.tenant_tx(slug) as tx:
                verdict = await verify_chain(tx, known=mark)
            click.echo(_line(slug, verdict))
            broken += isinstance(verdict, Break)
    return 1 if broken else 0


def _line(slug: str, verdict: Intact | Break) -> str:
    match verdict:
        case Intact(rows=rows, head=head):
            return f"{slug}\tintact\t{rows} rows\t{head}"
        case Break(seq=seq, id=row_id, reason=reason):
            row = "" if row_id is None else f"\t{row_id}"
            return f"{slug}\tBROKEN\trow {'-' if seq is None else seq}\t{reason}{row}"


def _read_mark(text: str) -> Mark:
    found = _MARK.fullmatch(text)
    if found is None:
        message = "--known is SEQ:HASH, as an earlier run printed it"
        raise click.ClickException(message)
    return Mark(seq=int(found["seq"]), hash=bytes.fromhex(found["hash"]))
