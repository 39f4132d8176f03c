"""How a phone should announce a call: Alert-Info (RFC 7462), Answer-Mode (RFC 5373)."""

from callwright.sip.message import Request

INTERNAL = ("Alert-Info", "<urn:alert:source:internal>;info=alert-internal")
EXTERNAL = ("Alert-Info", "<urn:alert:source:external>;info=alert-external")
GROUP = ("Alert-Info", "<urn:alert:source:external>;info=alert-group")
PRIVATE = ("Alert-Info", "<urn:alert:source:external>;info=alert-private")
URGENT = ("Alert-Info", "<urn:alert:priority:high>;info=alert-emergency")
"""One value each, for many phones read one only. Those that know no URN match ``info``."""

ANSWER_MODE = "Answer-Mode"
PRIVILEGED_ANSWER_MODE = "Priv-Answer-Mode"


def asks_to_auto_answer(request: Request) -> bool:
    """The caller wants the called phone to answer by itself. The privileged form asks the same: it
    does not override what the called user allows (RFC 5373 §5 leaves that to policy)."""
    for name in (ANSWER_MODE, PRIVILEGED_ANSWER_MODE):
        value = request.header(name)
        if value is not None and value.partition(";")[0].strip(" \t").lower() == "auto":
            return True
    return False


def auto_answer(domain: str) -> tuple[tuple[str, str], ...]:
    """Makes a phone answer by itself; the second form is for phones that do not know the first."""
    return ((ANSWER_MODE, "Auto"), ("Call-Info", f"<sip:{domain}>;answer-after=0"))
