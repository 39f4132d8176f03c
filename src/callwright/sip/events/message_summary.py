"""Messages that wait for a user (RFC 3842 §5.2)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessageSummary:
    account: str
    """A SIP URI."""
    new: int
    old: int

    def body(self, version: int) -> bytes:
        lines = (
            f"Messages-Waiting: {'yes' if self.new else 'no'}",
            f"Message-Account: {self.account}",
            f"Voice-Message: {self.new}/{self.old} (0/0)",
        )
        return "".join(f"{line}\r\n" for line in lines).encode()
