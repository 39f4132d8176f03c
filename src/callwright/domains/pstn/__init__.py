"""Connectivity to the public network: SBCs, routes, policies, translation."""
