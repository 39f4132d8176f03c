"""The DNS behind a small Protocol, with a bounded cache; answers questions of ``sip.location``."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, Protocol

import dns.asyncresolver
import dns.exception
import dns.rdatatype
import dns.resolver
from dns.rdtypes.IN.NAPTR import NAPTR
from dns.rdtypes.IN.SRV import SRV

from callwright.kernel.clock import Clock
from callwright.kernel.limits.destinations import (
    LOCATION_TTL_S_MAX,
    LOCATION_TTL_S_MIN,
    RESOLVER_ENTRIES_MAX,
    RESOLVER_QUERY_S,
    RESOLVER_QUESTIONS_MAX,
)
from callwright.sip.location import Kind, Location, Naptr, Question, Records, Srv, Wish, locate

HOSTS_TTL_S = 60.0
"""How long an address from the hosts file, which has no TTL, is believed."""
ABSENT_TTL_S = 60.0
"""How long it is believed that there is no such record (RFC 2308 §5 lets a resolver choose)."""


class LookupFailed(Exception):
    """No server answered, or one said that it cannot; the records may well exist."""


class Answer(NamedTuple):
    records: Records
    """Empty: there are none of this kind."""
    ttl_s: float


class Resolver(Protocol):
    async def ask(self, question: Question) -> Answer:
        """Raises LookupFailed."""
        ...


class Located(NamedTuple):
    location: Location
    ttl_s: float


async def find(resolver: Resolver, wish: Wish, transports: Sequence[str]) -> Located:
    """All addresses of a server, and how long they hold; raises LookupFailed.

    A server of several that cannot be looked up is left out; only nothing at all is a failure.
    """
    search = locate(wish, transports=transports)
    ttl_s = LOCATION_TTL_S_MAX
    failure: LookupFailed | None = None
    try:
        question = next(search)
        for _ in range(RESOLVER_QUESTIONS_MAX):
            records: Records = ()
            try:
                answer = await resolver.ask(question)
                records, ttl_s = answer.records, min(ttl_s, answer.ttl_s)
            except LookupFailed as error:
                if question.kind is not Kind.ADDRESS:
                    raise  # without SRV one would fall back to what the domain does not mean
                failure = error
            question = search.send(records)
    except StopIteration as end:
        location: Location = end.value
        if failure is not None and not location:
            raise failure from None
        return Located(location, max(ttl_s, LOCATION_TTL_S_MIN))
    raise LookupFailed(f"{wish.host} needs more than {RESOLVER_QUESTIONS_MAX} questions")


class NoNames:
    """Knows no name: for systems whose SBCs are all addresses."""

    async def ask(self, question: Question) -> Answer:
        return Answer((), ABSENT_TTL_S)


class DnsResolver:
    """The servers of the system's configuration; addresses of the hosts file come first."""

    def __init__(
        self, clock: Clock, *, nameservers: Sequence[str] | None = None, port: int = 53
    ) -> None:
        """``nameservers``: addresses in place of the system's, and their port."""
        self._clock = clock
        self._nameservers = nameservers
        self._port = port
        self._resolver: dns.asyncresolver.Resolver | None = None
        self._cache: dict[Question, tuple[float, Answer]] = {}
        """With the clock time until which it holds."""

    async def ask(self, question: Question) -> Answer:
        now_s = self._clock.monotonic()
        until_s, known = self._cache.get(question, (0.0, None))
        if known is not None and now_s < until_s:
            return known._replace(ttl_s=until_s - now_s)
        try:
            async with asyncio.timeout(RESOLVER_QUERY_S):
                answer = await self._asked(question)
        except TimeoutError:
            raise LookupFailed(f"no answer about {question.name}") from None
        if len(self._cache) >= RESOLVER_ENTRIES_MAX:
            self._cache.clear()
        ttl_s = min(max(answer.ttl_s, LOCATION_TTL_S_MIN), LOCATION_TTL_S_MAX)
        self._cache[question] = (now_s + ttl_s, answer)
        return answer._replace(ttl_s=ttl_s)

    async def _asked(self, question: Question) -> Answer:
        match question.kind:
            case Kind.NAPTR:
                return await self._query(question.name, "NAPTR", _naptr)
            case Kind.SRV:
                return await self._query(question.name, "SRV", _srv)
            case Kind.ADDRESS:
                return await self._addresses(question.name)

    async def _addresses(self, name: str) -> Answer:
        from_hosts = await asyncio.to_thread(_hosts, name)
        if from_hosts:
            return Answer(from_hosts, HOSTS_TTL_S)
        both = await asyncio.gather(
            self._query(name, "A", str), self._query(name, "AAAA", str), return_exceptions=True
        )
        answers = [answer for answer in both if isinstance(answer, Answer)]
        records = [record for answer in answers for record in answer.records]
        if not records:
            for failure in both:
                if isinstance(failure, BaseException):
                    raise failure
        return Answer(records, min(answer.ttl_s for answer in answers))

    async def _query(
        self, name: str, kind: str, read: Callable[[object], Naptr | Srv | str]
    ) -> Answer:
        try:
            found = await self._ask_servers(name, kind)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return Answer((), ABSENT_TTL_S)
        except (dns.exception.DNSException, OSError) as error:
            raise LookupFailed(f"{kind} of {name}: {type(error).__name__}") from error
        rrset = found.rrset
        if rrset is None:
            return Answer((), ABSENT_TTL_S)
        return Answer([read(record) for record in rrset], float(rrset.ttl))

    def _ask_servers(self, name: str, kind: str) -> Awaitable[dns.resolver.Answer]:
        if self._resolver is None:
            configured = self._nameservers is None
            self._resolver = dns.asyncresolver.Resolver(configure=configured)
            if self._nameservers is not None:
                self._resolver.nameservers = list(self._nameservers)
                self._resolver.port = self._port
        return self._resolver.resolve(
            f"{name}.", dns.rdatatype.from_text(kind), lifetime=RESOLVER_QUERY_S
        )


def _naptr(record: object) -> Naptr:
    assert isinstance(record, NAPTR)
    return Naptr(
        record.order,
        record.preference,
        record.flags.decode("ascii", "replace"),
        record.service.decode("ascii", "replace"),
        str(record.replacement),
    )


def _srv(record: object) -> Srv:
    assert isinstance(record, SRV)
    return Srv(record.priority, record.weight, record.port, str(record.target))


def _hosts(name: str) -> list[str]:
    """Addresses of a name in the hosts file, without asking the DNS."""
    try:
        with open("/etc/hosts", encoding="utf-8", errors="replace") as file:
            lines = [line.partition("#")[0].split() for line in file]
    except OSError:
        return []
    found = [words[0] for words in lines if name in (word.lower() for word in words[1:])]
    return [text for text in found if _is_address(text)]


def _is_address(text: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, text)
        except OSError:
            continue
        return True
    return False
