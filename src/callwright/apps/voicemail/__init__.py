"""Voicemail: what callers meet (`deposit`), and what owners hear and do (`listening`)."""
