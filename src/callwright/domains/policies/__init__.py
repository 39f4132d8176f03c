"""Policies: what they set, and which of several a user has."""
