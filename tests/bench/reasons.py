"""Why a figure misses its target, where somebody has found out: beginning of the row's name → the reason."""

REASONS: dict[str, str] = {}


def reason(what: str) -> str:
    """In words; of the longest beginning that fits."""
    fitting = [begin for begin in REASONS if what.startswith(begin)]
    return REASONS[max(fitting, key=len)] if fitting else "Nobody has looked into it yet."
