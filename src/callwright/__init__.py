"""Callwright: an open phone system for organisations."""

__version__ = "0.1.0"
