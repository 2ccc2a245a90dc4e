"""Calls to providers, only to ask whether a tenant's credentials are good. Pages are the notifier's."""
