"""Postgres, NATS and Redis from wheels, as child processes of whoever asks.

For `nightowl up` and for tests; never in images. A server listens on 127.0.0.1 alone, keeps everything
in the data folder it is given, and dies with its parent, however that one ends (`PR_SET_PDEATHSIG`,
Linux): start servers from a thread that lives as long as they shall.
"""

from nightowl_embedded.cluster import NatsCluster
from nightowl_embedded.processes import EmbeddedError, Server, free_port
from nightowl_embedded.servers import NatsServer, PostgresServer, RedisServer
from nightowl_embedded.stack import Stack

__all__ = [
    "EmbeddedError",
    "NatsCluster",
    "NatsServer",
    "PostgresServer",
    "RedisServer",
    "Server",
    "Stack",
    "free_port",
]
