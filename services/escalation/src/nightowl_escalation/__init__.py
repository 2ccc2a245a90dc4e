"""escalation: every open, unacknowledged alert with a policy has exactly one pending timer or a stated reason."""
