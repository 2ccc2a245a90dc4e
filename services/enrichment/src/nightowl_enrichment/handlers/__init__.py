"""Messages in: received alerts become alerts (`intake`, `matching`), resolved alerts become knowledge (`learning`)."""
