"""Services that are called by what they are, not by a number (RFC 5031)."""

from callwright.sip.uri import Uri

SOS = "service:sos"


def is_sos(uri: Uri) -> bool:
    """``urn:service:sos``, or a kind of help below it: ``urn:service:sos.fire`` (§4.2)."""
    name = uri.opaque.lower()
    return uri.scheme == "urn" and (name == SOS or name.startswith(f"{SOS}."))
