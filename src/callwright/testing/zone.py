"""The DNS of the virtual world: a dictionary that a test writes."""

from callwright.runtime.resolver import Answer, LookupFailed
from callwright.sip.location import Kind, Naptr, Question, Srv

TTL_S = 60.0


class Zone:
    """Every name that exists (``runtime.resolver.Resolver``)."""

    def __init__(self) -> None:
        self.is_down = False
        """True: no server answers."""
        self.asked: list[Question] = []
        self._answers: dict[Question, Answer] = {}

    def address(self, name: str, *addresses: str, ttl_s: float = TTL_S) -> None:
        """A and AAAA records; none at all takes them away."""
        self._answers[Question(name, Kind.ADDRESS)] = Answer(addresses, ttl_s)

    def srv(self, name: str, *records: Srv, ttl_s: float = TTL_S) -> None:
        """``name`` is the service: ``_sip._udp.carrier.test``."""
        self._answers[Question(name, Kind.SRV)] = Answer(records, ttl_s)

    def naptr(self, name: str, *records: Naptr, ttl_s: float = TTL_S) -> None:
        self._answers[Question(name, Kind.NAPTR)] = Answer(records, ttl_s)

    async def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        if self.is_down:
            raise LookupFailed(f"no server answers about {question.name}")
        return self._answers.get(question, Answer((), TTL_S))
