"""The HTTP API. Today: is it well, and what does it measure."""
