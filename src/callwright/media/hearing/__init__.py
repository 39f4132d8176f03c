"""Understands what callers say to a menu: utterances, their sound, a grammar (ADR 0039)."""
