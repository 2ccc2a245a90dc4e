"""What somebody prefers on the screen. Nothing here decides whom is paged, or when."""

from typing import Annotated, Literal

import msgspec

from nightowl_query.model.identity import ZoneName

KeyAction = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*\Z")]
KeyName = Annotated[str, msgspec.Meta(min_length=1, max_length=20, pattern=r"^[^\x00-\x1f]*\Z")]


class MyPreferences(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the screen looks and what it does. `time_zone` is the one that times are shown in; null: the browser's.

    `has_keys`: single keys do things; `keys` are other ones than usual, action → key. `landing` is the first page.
    """

    theme: Literal["system", "light", "dark", "night"] = "system"
    density: Literal["comfortable", "compact"] = "comfortable"
    has_keys: bool = True
    has_sound: bool = False
    time_zone: ZoneName | None = None
    landing: Literal["now", "alerts", "knowledge", "on_call"] = "now"
    keys: Annotated[dict[KeyAction, KeyName], msgspec.Meta(max_length=50)] = {}
