"""What query decides, without I/O: merging, differences, search words, excerpts, regular expressions."""
