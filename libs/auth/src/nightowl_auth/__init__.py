"""Who is asking and what they may do: API keys, roles, and the Litestar guard."""

from nightowl_auth.guard import authenticate, principal_of, requires
from nightowl_auth.keys import NewKey, key_from_headers, make_key
from nightowl_auth.mapping import CompiledMapping, MappingError, check_mapping, compile_mapping
from nightowl_auth.principal import ROLES, Principal, Role, WebhookRules
from nightowl_auth.ring import KeyRing
from nightowl_auth.store import (
    KeyNotFoundError,
    count_keys,
    insert_key,
    list_keys,
    load_mapping,
    update_mapping,
    update_webhook_secret,
)

__all__ = [
    "ROLES",
    "CompiledMapping",
    "KeyNotFoundError",
    "KeyRing",
    "MappingError",
    "NewKey",
    "Principal",
    "Role",
    "WebhookRules",
    "authenticate",
    "check_mapping",
    "compile_mapping",
    "count_keys",
    "insert_key",
    "key_from_headers",
    "list_keys",
    "load_mapping",
    "make_key",
    "principal_of",
    "requires",
    "update_mapping",
    "update_webhook_secret",
]
