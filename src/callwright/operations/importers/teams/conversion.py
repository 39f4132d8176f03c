"""All of it together: one organisation, and the list of what it lacks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from callwright.operations.importers.teams import people, pstn
from callwright.operations.importers.teams.attendants import auto_attendants
from callwright.operations.importers.teams.names import Keys, Ledger, Loss
from callwright.operations.importers.teams.queues import call_queues
from callwright.operations.importers.teams.reading import Exported, list_of, text_of
from callwright.operations.importers.teams.targets import Targets


@dataclass(frozen=True, slots=True)
class Converted:
    tree: Mapping[str, Any]
    """The organisation file as plain data."""
    losses: tuple[Loss, ...]


def converted(
    exported: Exported, profile: Mapping[str, str], *, new_password: Callable[[], str]
) -> Converted:
    """``profile`` is the file's section ``organisation``, of which no cmdlet tells.

    Nobody can read passwords out of Teams: ``new_password`` makes one for each user.
    """
    ledger = Ledger()
    keys = people.keys_of(exported)
    answered = _answered(exported, keys, ledger)
    targets = Targets(keys, answered, ledger)
    users = people.users(exported, keys, ledger, new_password)
    accounts = people.resource_accounts(exported, keys, ledger, answered)
    queues = call_queues(exported, targets)
    attendants = auto_attendants(exported, targets)
    routing = pstn.direct_routing(exported, ledger)
    plans = pstn.dial_plans(exported, ledger)
    _drop_unknown_policies(
        users, {"routing": routing.get("policies", {}), "dial_plan": plans}, ledger
    )
    tree: dict[str, Any] = {
        "organisation": dict(profile),
        "licences": people.seats(list(users.values())),
        "users": users,
        "pstn": {"direct_routing": routing} if routing else {},
        "dial_plans": plans,
        "numbers": people.numbers(exported, users, accounts, ledger),
        "resource_accounts": accounts,
        "call_queues": queues,
        "shared_voicemail": targets.mailboxes,
        "auto_attendants": attendants,
    }
    ledger.lose("emergency", "locations and calls for help are in no cmdlet; write emergency")
    ledger.lose("credits", "prices are in no cmdlet; write credits where money is spent")
    kept = {name: section for name, section in tree.items() if section}
    return Converted(kept, tuple(dict.fromkeys(ledger.losses)))


def _answered(exported: Exported, keys: Keys, ledger: Ledger) -> dict[str, dict[str, str]]:
    """What each resource account answers with, by its id."""
    found: dict[str, dict[str, str]] = {}
    for noun, word, known in (
        ("CsCallQueue", "call_queue", keys.queues),
        ("CsAutoAttendant", "auto_attendant", keys.attendants),
    ):
        for each in exported.of(noun):
            for account in list_of(each, "ApplicationInstances"):
                if str(account) in keys.accounts:
                    found[str(account)] = {word: known[text_of(each, "Identity")]}
                else:
                    label = f"{word.replace('_', ' ')} {text_of(each, 'Name')}"
                    ledger.lose(label, f"its resource account {account} is not in the exports")
    return found


def _drop_unknown_policies(
    users: Mapping[str, dict[str, Any]], known: Mapping[str, Mapping[str, Any]], ledger: Ledger
) -> None:
    for key, user in users.items():
        given = user.get("policies", {})
        for kind in [kind for kind, name in given.items() if name not in known[kind]]:
            why = f"its {kind} policy {given[kind]} is not in the exports; it is left out"
            ledger.lose(f"user {key}", why)
            del given[kind]
        if "policies" in user and not given:
            del user["policies"]
