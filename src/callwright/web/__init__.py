"""Serves the built portal; its place until there is one."""
