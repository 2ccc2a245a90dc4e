"""The only SQL of query, by noun. Every function runs inside the caller's transaction."""
