"""Answers what is asked in words: by slash command, by mention, in a direct message."""

from typing import assert_never

from nightowl_alerting import actions, commands
from nightowl_alerting.knowledge import searching
from nightowl_alerting.knowledge import store as knowledge
from nightowl_alerting.knowledge.model import Incident
from nightowl_alerting.model import AlertNotFoundError
from nightowl_alerting.targets.store import load_book
from nightowl_common.db import Database, TenantSuspendedError
from nightowl_common.errors import ConflictError, InvalidError
from nightowl_common.outbox import Outbox
from nightowl_notifier import store
from nightowl_notifier.api.slack import asking, schedules, telling
from nightowl_notifier.api.slack.acting import OVER, acknowledge, deny
from nightowl_notifier.api.slack.choosing import by_reference, choose
from nightowl_notifier.api.slack.people import Caller, Colleague, find_colleagues, served_by
from nightowl_notifier.api.slack.telling import Told, safe, say
from nightowl_notifier.channels.accounts import Accounts
from nightowl_notifier.model import RosterName

HITS = 5
PAGES_LOOKED_AT = 500
_CHANGING = (asking.Acknowledge, asking.Resolve)
_FIELDS = ("solution", "symptoms", "root_cause")


class Desk:
    """One per process."""

    def __init__(self, *, database: Database, outbox: Outbox, accounts: Accounts) -> None:
        self._database = database
        self._outbox = outbox
        self._accounts = accounts

    async def answer(self, caller: Caller, asked: asking.Asked) -> Told:
        """What is told to who asks. Nobody learns of a tenant in which they are not known.

        Raises:
            TransientError: the database cannot be used.
        """
        if isinstance(asked.ask, asking.Help):
            return telling.help_text(unknown=asked.ask.unknown)
        served = await served_by(self._accounts, caller.accounts)
        if asked.tenant is not None:
            served = {slug: account for slug, account in served.items() if slug == asked.tenant}
        match await find_colleagues(self._database, caller, served):
            case []:
                return say(telling.UNKNOWN_PERSON)
            case [colleague]:
                return await self._run(colleague, asked.ask)
            case several:
                word = str(asked.ask.__struct_config__.tag)
                return telling.which_tenant([each.tenant for each in several], example=word)

    async def _run(self, who: Colleague, ask: asking.Ask) -> Told:
        if isinstance(ask, _CHANGING) and not who.may("engineer"):
            return await deny(self._database, who, asked=str(ask.__struct_config__.tag))
        try:
            return await self._do(who, ask)
        except TenantSuspendedError:
            return say(telling.SUSPENDED)
        except AlertNotFoundError:
            return say(telling.GONE)
        except (ConflictError, InvalidError) as error:
            return say(safe(error.detail))

    async def _do(self, who: Colleague, ask: asking.Ask) -> Told:
        match ask:
            case asking.Search():
                return await self._search(who, ask.words)
            case asking.OnCall():
                return await self._on_call(who, ask.roster)
            case asking.Shifts():
                return await self._shifts(who, ask.roster)
            case asking.Acknowledge():
                return await self._acknowledge(who, ask.ref)
            case asking.Resolve():
                return await self._resolve(who, ask.text)
            case asking.Help():
                return telling.help_text(unknown=ask.unknown)
            case _:
                assert_never(ask)

    async def _search(self, who: Colleague, asked: str) -> Told:
        if not asked:
            return say("Say what to look for: `/nightowl search disk full`.")
        words = searching.split_words(asked)
        async with self._database.tenant_tx(who.tenant) as tx:
            read = await knowledge.read_words(tx, words.whole, words.begun)
            found = [] if read is None else await knowledge.search_incidents(tx, read, limit=HITS)
            incidents = await knowledge.load_incidents(tx, [each.id for each in found])
            excerpts = [] if read is None else await knowledge.load_excerpts(tx, [each.id for each in found], read)
        if not incidents:
            return say(f"The knowledge base says nothing about “{safe(asked)}”.")
        total = found[0].total
        head = f"{total} {'entry' if total == 1 else 'entries'} about “{safe(asked)}”, the best first:"
        return telling.listed(head, [[telling.section(_hit(each, excerpts))] for each in incidents])

    async def _on_call(self, who: Colleague, asked: str) -> Told:
        async with self._database.tenant_tx(who.tenant) as tx:
            rosters = await store.list_rosters(tx)
            chosen = schedules.choose_rosters(rosters, asked)
            if not chosen:
                return schedules.no_such_roster(rosters, asked)
            now = await tx.now()
            shown = [each.id for each in chosen[: schedules.MOST_ROSTERS]]
            book = await load_book(tx, shown, start=now, end=now)
            people = await store.load_names(tx, schedules.people_of(book))
        return schedules.tell_on_call(chosen, book, people, now)

    async def _shifts(self, who: Colleague, asked: str) -> Told:
        async with self._database.tenant_tx(who.tenant) as tx:
            rosters = await store.list_rosters(tx)
            match schedules.choose_rosters(rosters, asked):
                case [RosterName() as roster]:
                    now = await tx.now()
                    book = await load_book(tx, [roster.id], start=now, end=now + schedules.AHEAD)
                    people = await store.load_names(tx, schedules.people_of(book))
                    return schedules.tell_shifts(roster, book, people, now)
                case several:
                    return schedules.which_roster(several, rosters, asked)

    async def _acknowledge(self, who: Colleague, ref: str) -> Told:
        self._database.require_active(who.tenant)
        async with self._outbox.tenant_tx(who.tenant) as tx:
            pages = await store.load_open_pages(tx, who.person.id, limit=PAGES_LOOKED_AT)
            target = choose(pages, ref, verb="ack", statuses={"firing"})
            if isinstance(target, Told):
                return target
            return say(await acknowledge(tx, who, target))

    async def _resolve(self, who: Colleague, text: str) -> Told:
        self._database.require_active(who.tenant)
        first, _, rest = text.partition(" ")
        async with self._outbox.tenant_tx(who.tenant) as tx:
            pages = await store.load_open_pages(tx, who.person.id, limit=PAGES_LOOKED_AT)
            named = by_reference(pages, first)
            open_states = {page.status for page in pages}
            target = named or choose(pages, "", verb="resolve", statuses=open_states)
            if isinstance(target, Told):
                return target
            resolution = (rest if named else text).strip() or None
            after = await commands.apply(
                tx, who.tenant, target.alert_id, who.actor, actions.Resolve(resolution=resolution, reason=OVER)
            )
        return say(f"Resolved: {safe(after.title)}")


def _hit(incident: Incident, excerpts: list[knowledge.Excerpt]) -> str:
    """Title, what was found in it, and what helped."""
    times = f", helped {incident.resolution_count} times" if incident.resolution_count else ""
    lines = [f"*{safe(incident.title, 200)}* ({incident.severity}{times})"]
    mine = {each.field: searching.read_excerpt(each.marked) for each in excerpts if each.id == incident.id}
    found = next((mine[field][0] for field in _FIELDS if field in mine and mine[field][1]), None)
    if found:
        lines.append(f">{safe(found, 500)}")
    if incident.solution:
        lines.append(f"What helped: {safe(incident.solution, 500)}")
    return "\n".join(lines)
