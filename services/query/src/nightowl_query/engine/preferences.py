"""What is kept of somebody's preferences, read. Pure."""

from collections.abc import Mapping

import msgspec

from nightowl_query.model.preferences import MyPreferences


def read_preferences(kept: Mapping[str, object]) -> MyPreferences:
    """What can be meant of it; of the rest, which other clients or older versions have left, what is usual."""
    return msgspec.convert(
        {field.name: kept[field.name] for field in msgspec.structs.fields(MyPreferences) if _fits(kept, field)},
        MyPreferences,
    )


def _fits(kept: Mapping[str, object], field: msgspec.structs.FieldInfo) -> bool:
    try:
        msgspec.convert(kept[field.name], field.type)
    except (KeyError, msgspec.ValidationError):
        return False
    return True
