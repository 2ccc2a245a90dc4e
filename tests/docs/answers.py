"""Whether a command printed what its page shows. `…` stands for anything.

Of JSON the page shows what it wants to: members that it does not name may be there, and a list that ends in `"…"` goes on.
"""

import json
import re

ANYTHING = "…"


def differs(language: str, shown: str, printed: str) -> str | None:
    """Why they differ; None when they do not."""
    if language == "json":
        try:
            return _differs(json.loads(shown), json.loads(printed), "answer")
        except json.JSONDecodeError as error:
            return f"no JSON was printed ({error}): {printed!r}"
    return None if _fits(shown.strip(), _plain(printed)) else f"shown:\n{shown.strip()}\nprinted:\n{_plain(printed)}"


def _plain(printed: str) -> str:
    return "\n".join(line.rstrip() for line in printed.strip().splitlines())


def _fits(shown: str, printed: str) -> bool:
    pattern = ".*?".join(re.escape(part) for part in shown.split(ANYTHING))
    return re.fullmatch(pattern, printed, re.DOTALL) is not None


def _differs(shown: object, printed: object, place: str) -> str | None:
    match shown, printed:
        case dict(), dict():
            return _members(shown, printed, place)
        case list(), list():
            return _items(shown, printed, place)
        case str(), str() if _fits(shown, printed):
            return None
        case "…", _:
            return None
    return None if type(shown) is type(printed) and shown == printed else f"{place} is {printed!r}, not {shown!r}"


def _members(shown: dict[str, object], printed: dict[str, object], place: str) -> str | None:
    for name, value in shown.items():
        if name not in printed:
            return f"{place} has no member {name!r}"
        if (found := _differs(value, printed[name], f"{place}.{name}")) is not None:
            return found
    return None


def _items(shown: list[object], printed: list[object], place: str) -> str | None:
    goes_on = shown[-1:] == [ANYTHING]
    wanted = shown[:-1] if goes_on else shown
    if len(printed) < len(wanted) or (len(printed) > len(wanted) and not goes_on):
        return f"{place} has {len(printed)} items, not {len(wanted)}"
    pairs = enumerate(zip(wanted, printed, strict=False))
    return next((why for at, (one, other) in pairs if (why := _differs(one, other, f"{place}[{at}]"))), None)
