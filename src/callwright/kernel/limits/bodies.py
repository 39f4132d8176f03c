"""Bounds of bodies that are made of several parts."""

BODY_PARTS_MAX = 16
"""Of one multipart body; a call for help brings two, a gateway of the ISDN world three."""
BODY_DEPTH_MAX = 3
"""Multipart bodies inside each other."""
