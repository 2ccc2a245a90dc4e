"""What query reads from the environment."""

from nightowl_common.settings import BaseSettings


class Settings(BaseSettings, frozen=True, kw_only=True):
    """Settings of the query service: those that every service has."""
