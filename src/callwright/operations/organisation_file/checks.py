"""What one part of the file says of another: references, numbers, licences (all pure).

Each check takes the organisation, and the names that the file declares even where the entry itself
is refused, and yields findings. A finding is a path and a text; the reader knows the lines.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, KeysView, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from callwright.domains.queues.model import RoutingMethod
from callwright.kernel.addresses import HostPort
from callwright.kernel.limits.dialling import TRANSLATION_RULES_MAX
from callwright.kernel.limits.queues import QUEUE_INDIVIDUAL_AGENTS_MAX
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.refusal import alternatives, quoted
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.organisation_file.walk import referring_forms


class Finding(NamedTuple):
    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Names:
    """What the file declares, by kind, in its order."""

    users: KeysView[str]
    groups: KeysView[str]
    sbcs: KeysView[str]
    usages: KeysView[str]
    call_queues: KeysView[str]
    auto_attendants: KeysView[str]
    resource_accounts: KeysView[str]
    mailboxes: KeysView[str]
    locations: KeysView[str]
    schedules: KeysView[str]
    holiday_sets: KeysView[str]

    @classmethod
    def of(cls, tree: Mapping[str, object]) -> "Names":
        """Collects them from plain data of any shape, before it is validated."""
        users, shared = _keys(tree, "users"), _keys(tree, "shared_voicemail")
        routes = _at(tree, "pstn", "direct_routing", "routes")
        usages = [
            route["usage"]
            for route in (routes if isinstance(routes, list) else ())
            if isinstance(route, Mapping) and isinstance(route.get("usage"), str)
        ]
        return cls(
            users=users,
            groups=_keys(tree, "groups"),
            sbcs=_keys(tree, "pstn", "direct_routing", "sbcs"),
            usages=dict.fromkeys(usages).keys(),
            call_queues=_keys(tree, "call_queues"),
            auto_attendants=_keys(tree, "auto_attendants"),
            resource_accounts=_keys(tree, "resource_accounts"),
            mailboxes=dict.fromkeys((*shared, *users)).keys(),
            locations=_keys(tree, "emergency", "locations"),
            schedules=_keys(tree, "schedules"),
            holiday_sets=_keys(tree, "holiday_sets"),
        )

    @classmethod
    def declared(cls, organisation: Organisation) -> "Names":
        """Collects them from an organisation that is valid part by part."""
        routing, emergency = organisation.pstn.direct_routing, organisation.emergency
        shared, users = organisation.shared_voicemail, organisation.users
        return cls(
            users=users.keys(),
            groups=organisation.groups.keys(),
            sbcs=routing.sbcs.keys(),
            usages=dict.fromkeys(route.usage for route in routing.routes).keys(),
            call_queues=organisation.call_queues.keys(),
            auto_attendants=organisation.auto_attendants.keys(),
            resource_accounts=organisation.resource_accounts.keys(),
            mailboxes=dict.fromkeys((*shared, *users)).keys(),
            locations=(emergency.locations if emergency else {}).keys(),
            schedules=organisation.schedules.keys(),
            holiday_sets=organisation.holiday_sets.keys(),
        )


def _at(tree: object, *steps: str) -> object:
    for step in steps:
        tree = tree.get(step) if isinstance(tree, Mapping) else None
    return tree


def _keys(tree: object, *steps: str) -> KeysView[str]:
    found = _at(tree, *steps)
    return dict.fromkeys(map(str, found if isinstance(found, Mapping) else ())).keys()


Check: TypeAlias = Callable[[Organisation, Names], Iterator[Finding]]


def unknown(what: str, key: str, known: KeysView[str], section: str) -> str:
    if not known:
        return f"there is no {what} {quoted(key)}; add it under {section}"
    return f"there is no {what} {quoted(key)}; {alternatives(key, known)}"


def check_references(organisation: Organisation, names: Names) -> Iterator[Finding]:
    by_form = {
        "user": ("user", names.users, "users"),
        "group": ("group", names.groups, "groups"),
        "call_queue": ("call queue", names.call_queues, "call_queues"),
        "auto_attendant": ("auto attendant", names.auto_attendants, "auto_attendants"),
        "resource_account": ("resource account", names.resource_accounts, "resource_accounts"),
        "voicemail": ("mailbox", names.mailboxes, "shared_voicemail"),
    }
    for path, form in referring_forms(organisation):
        for kind, key in form.items():
            if kind in by_form and key not in by_form[kind][1]:
                what, known, section = by_form[kind]
                yield Finding((*path, kind), unknown(what, key, known, section))
    yield from _check_key_lists(organisation, names)


def _check_key_lists(organisation: Organisation, names: Names) -> Iterator[Finding]:
    lists: list[tuple[Path, list[str], str, KeysView[str], str]] = []
    routing: Path = ("pstn", "direct_routing")
    sbc = ("SBC", names.sbcs, "pstn.direct_routing.sbcs")
    for index, route in enumerate(organisation.pstn.direct_routing.routes):
        lists.append(((*routing, "routes", index, "sbcs"), route.sbcs, *sbc))
    for key, policy in organisation.pstn.direct_routing.policies.items():
        path = (*routing, "policies", key, "usages")
        lists.append((path, policy.usages, "route with the usage", names.usages, "routes"))
    for name in ("calling_plan", "operator_connect"):
        carrier = getattr(organisation.pstn, name)
        if carrier is not None:
            lists.append((("pstn", name, "sbcs"), carrier.sbcs, *sbc))
    if organisation.emergency is not None:
        lists.append((("emergency", "route", "sbcs"), organisation.emergency.route.sbcs, *sbc))
    user = ("user", names.users, "users")
    for key, queue in organisation.call_queues.items():
        lists.append((("call_queues", key, "authorised"), queue.authorised, *user))
    for key, attendant in organisation.auto_attendants.items():
        lists.append((("auto_attendants", key, "authorised"), attendant.authorised, *user))
    for key, account in organisation.resource_accounts.items():
        lists.append((("resource_accounts", key, "delegates"), account.delegates, *user))
    for path, keys, what, known, section in lists:
        seen: set[str] = set()
        for index, key in enumerate(keys):
            if key not in known:
                yield Finding((*path, index), unknown(what, key, known, section))
            elif key in seen:
                yield Finding((*path, index), f"{key} is listed twice; leave one out")
            seen.add(key)
    for path, location in _placed(organisation):
        if location not in names.locations:
            text = unknown("location", location, names.locations, "emergency.locations")
            yield Finding(path, text)


def _placed(organisation: Organisation) -> Iterator[tuple[Path, str]]:
    for key, user in organisation.users.items():
        if user.location is not None:
            yield ("users", key, "location"), user.location
    for key, account in organisation.resource_accounts.items():
        if account.location is not None:
            yield ("resource_accounts", key, "location"), account.location
    for index, entry in enumerate(organisation.numbers):
        if entry.location is not None:
            yield ("numbers", index, "location"), entry.location


def twice(entries: Iterable[tuple[Path, Hashable]], remedy: str) -> Iterator[Finding]:
    """Yields each entry whose value an earlier one has."""
    first: dict[Hashable, Path] = {}
    for path, value in entries:
        if value in first:
            yield Finding(path, f"{value} is also {words(first[value])}; {remedy}")
        else:
            first[value] = path


def words(path: Path) -> str:
    """``auto_attendants.reception.holidays[0]``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def check_extensions(organisation: Organisation, names: Names) -> Iterator[Finding]:
    held = {
        key: user.extension
        for key, user in organisation.users.items()
        if user.extension is not None
    }
    emergency = () if organisation.emergency is None else organisation.emergency.numbers
    different = set(held.values())
    if len(different) == len(held) and different.isdisjoint(emergency):
        return  # as it should be, and nobody's place need be put into words
    paths: list[tuple[Path, str]] = [
        (("users", key, "extension"), extension) for key, extension in held.items()
    ]
    yield from twice(paths, "give each user an extension of their own")
    for path, extension in paths:
        if extension in emergency:
            yield Finding(path, f"{extension} is an emergency number; choose another extension")


def check_names(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """Names that must be unique although they are no keys."""
    routing = organisation.pstn.direct_routing
    routes: list[tuple[Path, str]] = [
        (("pstn", "direct_routing", "routes", index, "name"), route.name)
        for index, route in enumerate(routing.routes)
    ]
    yield from twice(routes, "give each route a name of its own")
    rates = () if organisation.credits is None else organisation.credits.rates
    prefixes: list[tuple[Path, str]] = [
        (("credits", "rates", index, "prefix"), rate.prefix) for index, rate in enumerate(rates)
    ]
    yield from twice(prefixes, "write one rate for each prefix")
    for key in organisation.shared_voicemail:
        if key in names.users:
            text = f"{key} is a user, who has a mailbox already; give this one another key"
            yield Finding(("shared_voicemail", key), text)


def check_sbc_addresses(organisation: Organisation, names: Names) -> Iterator[Finding]:
    sbcs = organisation.pstn.direct_routing.sbcs
    base: Path = ("pstn", "direct_routing", "sbcs")
    addresses: list[tuple[Path, str]] = [
        ((*base, key, "address"), str(HostPort.parse(sbc.address.lower(), default_port=0)))
        for key, sbc in sbcs.items()
    ]
    yield from twice(addresses, "an SBC is known by its address, so give each its own")
    any_port: list[tuple[Path, str]] = [
        ((*base, key, "match"), HostPort.parse(sbc.address.lower(), default_port=0).host)
        for key, sbc in sbcs.items()
        if sbc.match == "address"
    ]
    yield from twice(any_port, "only one SBC of an address can match any port of it")


def check_trunk_logins(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """Who proves a login is known by its name; a registration needs one of ours."""
    base: Path = ("pstn", "direct_routing", "sbcs")
    logins: list[tuple[Path, str]] = []
    for key, sbc in organisation.pstn.direct_routing.sbcs.items():
        if sbc.match == "credentials" and sbc.authenticate is None:
            text = "needs authenticate; add authenticate: {username: NAME, password: SECRET}"
            yield Finding((*base, key, "match"), text)
        if sbc.registration is not None and sbc.credentials is None:
            text = "needs credentials; add credentials: {username: NAME, password: SECRET}"
            yield Finding((*base, key, "registration"), text)
        if sbc.authenticate is not None:
            path: Path = (*base, key, "authenticate", "username")
            logins.append((path, sbc.authenticate.username))
            if sbc.authenticate.username in names.users:
                text = f"{sbc.authenticate.username} is a user; give the carrier another name"
                yield Finding(path, text)
    yield from twice(logins, "give each carrier a name of its own")


def check_signing(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """An SBC whose calls are signed needs a key to sign them with."""
    if organisation.pstn.stir.sign is not None:
        return
    for key, sbc in organisation.pstn.direct_routing.sbcs.items():
        if sbc.sign:
            path: Path = ("pstn", "direct_routing", "sbcs", key, "sign")
            yield Finding(path, "there is no key to sign with; add pstn.stir.sign, or remove sign")


def check_translation_count(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """The bound is over all SBCs (row 103); the list in which it is passed is named."""
    count = 0
    for key, sbc in organisation.pstn.direct_routing.sbcs.items():
        for field in type(sbc.translate).model_fields:
            path: Path = ("pstn", "direct_routing", "sbcs", key, "translate", field)
            before, count = count, count + len(getattr(sbc.translate, field))
            if before <= TRANSLATION_RULES_MAX < count:
                most = TRANSLATION_RULES_MAX
                yield Finding(path, f"brings the rules of all SBCs to {count}; {most} may be")


def check_queues(organisation: Organisation, names: Names) -> Iterator[Finding]:
    for key, queue in organisation.call_queues.items():
        path: Path = ("call_queues", key)
        people = sum(isinstance(agent, dict) and "user" in agent for agent in queue.agents)
        most = QUEUE_INDIVIDUAL_AGENTS_MAX
        if people > most:
            text = f"names {people} users, {most} may be; put them into a group"
            yield Finding((*path, "agents"), text)
        if queue.routing == RoutingMethod.LONGEST_IDLE.value and not queue.presence_based:
            text = "longest-idle always skips busy agents; leave presence_based out"
            yield Finding((*path, "presence_based"), text)
