"""enrichment: every received alert gets exactly one disposition."""
