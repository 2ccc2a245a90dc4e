"""Storms that stay calm: what is critical goes first, the rest waits its turn and is told in few messages."""
