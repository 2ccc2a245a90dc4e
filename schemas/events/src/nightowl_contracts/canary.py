"""The tenant of the canary. No page of it ever leaves the notifier, whatever its channel."""

CANARY_TENANT = "nightowl_canary"
