"""Answers, greets, offers a menu, and brings the caller on (SPEC 6)."""
