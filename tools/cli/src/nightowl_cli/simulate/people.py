"""Who answers in a play: the people of a demo tenant by their own keys, everybody else by the caller's key."""

import msgspec

from nightowl_cli.demo.keys import demo_key
from nightowl_cli.simulate.calls import Caller, CallError, Fields

_SHIFTS_AHEAD = 8


class Somebody(msgspec.Struct, frozen=True, kw_only=True):
    """A person, and the key that they act with."""

    id: str
    name: str
    key: str | None = None


class Staff:
    """The people of the tenant, as the API tells them."""

    def __init__(self, caller: Caller, tenant: str) -> None:
        self._caller = caller
        self._tenant = tenant
        self._known: dict[str, Somebody] = {}
        self._rosters: dict[str, str] = {}

    async def meet(self) -> None:
        """Learns who is there, who has a key of the play, and which rosters there are."""
        for user in await self._caller.all("/users"):
            key: str | None = demo_key(self._tenant, user["email"].partition("@")[0])
            try:
                if (await self._caller.get("/auth/me", key=key))["user_id"] != user["id"]:
                    key = None
            except CallError:
                key = None  # not a person of the play
            self._known[user["id"]] = Somebody(id=user["id"], name=user["display_name"], key=key)
        self._rosters = {each["name"]: each["id"] for each in await self._caller.all("/rosters")}

    def by_id(self, user_id: str) -> Somebody:
        """One of them."""
        return self._known[user_id]

    async def relief(self, roster: str, *, after: Somebody | None) -> Somebody | None:
        """Whose shift on a roster (or on the first one there is) is next after somebody's."""
        roster_id = self._rosters.get(roster) or next(iter(self._rosters.values()), None)
        at: dict[str, str] = {}
        for _ in range(_SHIFTS_AHEAD if roster_id else 0):
            found = await self._caller.get(f"/rosters/{roster_id}/oncall", **at)
            primary, ends_at = found["primary"], found["ends_at"]
            if primary is not None and (after is None or primary["id"] != after.id):
                return self._known.get(primary["id"])
            if ends_at is None:
                break
            at = {"at": ends_at}
        return None


def paged(deliveries: list[Fields], *, step: int | None = None) -> list[str]:
    """The ids of the people who were paged, each once, in order; of one step, or of all."""
    chosen = [each for each in deliveries if step is None or each["step"] == step]
    people = [each["recipient"].removeprefix("user:") for each in chosen if each["recipient"].startswith("user:")]
    return list(dict.fromkeys(people))
