"""Query: what the API and the pages show is what the database says.

Reads everything and writes the knowledge base; acknowledging and resolving go through the kernel.
"""
