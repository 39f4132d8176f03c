"""Bounds of certificates, of our own listeners and of callers' networks."""

CERTIFICATES_MAX = 1_000
"""Of our own, for as many names."""
CERTIFICATES_LOOK_S = 60.0
"""How often certificate files are looked at for new ones."""
CERTIFICATE_WARNING_DAYS = 30
NETWORK_CERTIFICATES_MAX = 1_000
"""Certificates of callers' networks that are read from the folder of ``verify``."""
CERTIFICATE_BYTES_MAX = 65_536
