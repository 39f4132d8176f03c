"""P-Early-Media (RFC 5009): whether a trusted network lets the caller hear it before the answer."""

from callwright.sip.message import Response

P_EARLY_MEDIA = "P-Early-Media"
SUPPORTED = (P_EARLY_MEDIA, "supported")
_AUDIBLE = frozenset({"sendrecv", "sendonly"})
_SILENT = frozenset({"recvonly", "inactive"})


def early_media_is_open(response: Response) -> bool | None:
    """By the first direction, which is that of the first stream; None: the header says nothing."""
    value = response.header(P_EARLY_MEDIA)
    if value is None:
        return None
    for part in value.split(","):
        direction = part.strip(" \t").lower()
        if direction in _AUDIBLE:
            return True
        if direction in _SILENT:
            return False
    return None
