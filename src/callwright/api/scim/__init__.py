"""SCIM 2.0 at ``/scim/v2``: routes, errors and documents about itself (RFC 7644)."""
