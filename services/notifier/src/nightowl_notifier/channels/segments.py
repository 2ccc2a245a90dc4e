"""What a text message costs and how much of a title fits: segments of GSM-7 or, with one other character, UCS-2. Pure.

A message of one segment holds 160 septets or 70 UTF-16 units. In a longer one each segment gives six bytes to the
header that joins them, so that it holds 153 or 67. Neither an escaped character nor a surrogate pair is split.
"""

from bisect import bisect_right
from functools import partial

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")
"""Sent behind an escape: two septets."""

_GSM_ALONE, _GSM_JOINED = 160, 153
_UCS_ALONE, _UCS_JOINED = 70, 67
_BEYOND_ONE_UNIT = 0xFFFF


def is_gsm(text: str) -> bool:
    """Whether every character is in the GSM 7-bit alphabet; one that is not makes the whole message UCS-2."""
    return all(each in _BASIC or each in _EXTENDED for each in text)


def segments(text: str) -> int:
    """How many segments a text is sent, and paid for, as."""
    if is_gsm(text):
        return _count([2 if each in _EXTENDED else 1 for each in text], alone=_GSM_ALONE, joined=_GSM_JOINED)
    return _count([2 if ord(each) > _BEYOND_ONE_UNIT else 1 for each in text], alone=_UCS_ALONE, joined=_UCS_JOINED)


def fill(before: str, text: str, after: str, *, most: int) -> str:
    """The three together in at most `most` segments: `text` gives way, what stands around it never does.

    What is missing is shown by three dots in GSM-7, where an ellipsis would turn the message into UCS-2.
    """
    made = partial(_shortened, before, text, after)
    if segments(made(len(text))) <= most:
        return made(len(text))
    fitting = bisect_right(range(len(text)), most, key=lambda kept: segments(made(kept)))
    return made(max(0, fitting - 1))


def _shortened(before: str, text: str, after: str, kept: int) -> str:
    if kept >= len(text):
        return before + text + after
    start = text[:kept]
    return f"{before}{start}{'...' if is_gsm(before + start + after) else '…'}{after}"


def _count(sizes: list[int], *, alone: int, joined: int) -> int:
    if sum(sizes) <= alone:
        return 1
    used, room = 1, joined
    for size in sizes:
        if size > room:
            used, room = used + 1, joined
        room -= size
    return used
