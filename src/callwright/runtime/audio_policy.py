"""How audio is offered to whom: plain, with keys, or as browsers want it (ADR 0022)."""

from callwright.domains.pstn.model import Sbc
from callwright.sip.flow import SECURE, WEB
from callwright.sip.sdp import Encryption, Proposal

_ENCRYPTION = {each.value: each for each in Encryption}


def phone_proposals(transport: str) -> tuple[Proposal, ...]:
    """For a phone that registered over ``transport``, in the order to try.

    The next one is offered when the phone refuses the former with 488 before it rings: phones that
    insist on encryption do so. Keys travel in clear over UDP and TCP, so they are offered there
    only to a phone that takes nothing else.
    """
    if transport in WEB:
        return (Proposal.BROWSER, Proposal.OPPORTUNISTIC if transport in SECURE else Proposal.PLAIN)
    if transport in SECURE:
        return (Proposal.OPPORTUNISTIC, Proposal.SDES)
    return (Proposal.PLAIN, Proposal.SDES)


def trunk_proposals(sbc: Sbc, *, is_emergency: bool = False) -> tuple[Proposal, ...]:
    """Carriers are told by the file what they get; nothing is tried out on them, unless somebody
    calls for help: then the other way comes second."""
    is_required = encryption_of(sbc) is Encryption.REQUIRED
    ways = (Proposal.SDES, Proposal.PLAIN) if is_required else (Proposal.PLAIN, Proposal.SDES)
    return ways if is_emergency else ways[:1]


def encryption_of(sbc: Sbc, *, is_emergency: bool = False) -> Encryption:
    """What is taken of an SBC's own wishes. No call for help ends for them."""
    return Encryption.OPTIONAL if is_emergency else _ENCRYPTION[sbc.media_encryption]
