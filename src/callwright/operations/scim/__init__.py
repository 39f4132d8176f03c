"""SCIM 2.0 (RFC 7643, RFC 7644): an identity provider keeps users and groups in step with its own.

Nothing here knows HTTP. Resources are plain JSON as the RFCs word them.
"""
