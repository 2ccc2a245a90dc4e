"""`nightowl simulate`: plays through the real webhooks and the real API, and counts what the system made of it."""
