"""What attendants say of groups, people and languages (SPEC 6.9, 6.10)."""

from collections.abc import Iterator, Mapping

from callwright.domains.attendants.model import SearchBy
from callwright.domains.attendants.spoken import SPEECH_LANGUAGES
from callwright.domains.directory.phones import ProfilePhone
from callwright.kernel.limits.attendants import DIRECTORY_SPOKEN_MAX
from callwright.operations.organisation_file.attendant_schema import (
    AttendantSettings,
    FlowSettings,
    HolidaySettings,
    MenuSettings,
)
from callwright.operations.organisation_file.checks import Finding, Names, twice, unknown
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.membership import users_by_group
from callwright.operations.organisation_file.schema import Organisation


def check_dial_scopes(organisation: Organisation, names: Names) -> Iterator[Finding]:
    for key, attendant in organisation.auto_attendants.items():
        scope = attendant.dial_scope
        for field, groups in (("include", scope.include or []), ("exclude", scope.exclude)):
            for index, group in enumerate(groups):
                if group not in names.groups:
                    path: Path = ("auto_attendants", key, "dial_scope", field, index)
                    yield Finding(path, unknown("group", group, names.groups, "groups"))


def check_delegates(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """Agents ring for a queue anyway; only an attendant has people who are rung before it."""
    for key, account in organisation.resource_accounts.items():
        answers = account.answers
        if account.delegates and isinstance(answers, dict) and "auto_attendant" not in answers:
            text = "only an attendant has delegates; make them agents of the queue"
            yield Finding(("resource_accounts", key, "delegates"), text)


def check_menus(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """Nobody could choose between two options that are called the same."""
    for path, menu in _menus(organisation):
        commands: list[tuple[Path, str]] = []
        for key, option in menu.keys.items():
            command = option.get("command") if isinstance(option, dict) else None
            if isinstance(command, str):
                commands.append(((*path, "keys", key, "command"), command.casefold()))
        yield from twice(commands, "give each option a command of its own")


def check_profile_extensions(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """Nobody could say who is meant by an extension that two people have."""
    with_phones = {key: user for key, user in organisation.users.items() if user.profile.phones}
    if not with_phones:
        return
    owners = {user.extension: key for key, user in organisation.users.items() if user.extension}
    for key, user in with_phones.items():
        for kind, text in user.profile.phones.items():
            phone = ProfilePhone.parse_or_none(text)
            extension = None if phone is None else phone.extension
            if extension is None:
                continue
            owner = owners.setdefault(extension, key)
            if owner != key:
                path: Path = ("users", key, "profile", "phones", kind)
                yield Finding(path, f"{extension} is also {owner}'s; give each their own")


def caution_speech(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """Speech is off where nobody understands the language (row 188)."""
    for key, attendant in organisation.auto_attendants.items():
        language = attendant.language or organisation.organisation.language
        if attendant.speech and language not in SPEECH_LANGUAGES:
            text = (
                f"speech is not understood in {language}, so callers press keys only; "
                "choose another language, or leave speech out"
            )
            yield Finding(("auto_attendants", key, "speech"), text)
        elif attendant.speech and not language.startswith("en-"):
            text = (
                f"speech in {language} is understood where the server has a speech model for it, "
                "else callers press keys only; the built-in model is English"
            )
            yield Finding(("auto_attendants", key, "speech"), text)


def caution_spoken_names(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """Names of too many people cannot be told apart by ear (SPEC 6.9)."""
    members = users_by_group(organisation.groups)
    for path, menu in _menus(organisation):
        attendant = organisation.auto_attendants[str(path[1])]
        if not attendant.speech or menu.directory != SearchBy.NAME.value:
            continue
        scope = attendant.dial_scope
        included = organisation.users if scope.include is None else _members(members, scope.include)
        count = len(set(included) - set(_members(members, scope.exclude)))
        if count > DIRECTORY_SPOKEN_MAX:
            most = DIRECTORY_SPOKEN_MAX
            text = f"{count} people are in its scope, and names of {most} can be said"
            remedy = "let callers type names, or narrow dial_scope"
            yield Finding((*path, "directory"), f"{text}; {remedy}")


def _members(members: Mapping[str, tuple[str, ...]], groups: list[str]) -> list[str]:
    return [user for group in groups for user in members.get(group, ())]


def caution_unreachable_operator(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """A key of an operator whom nobody named does nothing (row 164)."""
    for path, menu in _menus(organisation):
        attendant = organisation.auto_attendants[str(path[1])]
        for key, option in menu.keys.items():
            if option == "operator" and attendant.operator is None:
                text = "does nothing without an operator; write operator: {user: KEY}"
                yield Finding((*path, "keys", key), text)


def _menus(organisation: Organisation) -> Iterator[tuple[Path, MenuSettings]]:
    for key, attendant in organisation.auto_attendants.items():
        for path, flow in flows_of(("auto_attendants", key), attendant):
            if flow.menu is not None:
                yield (*path, "menu"), flow.menu


def flows_of(
    path: Path, attendant: AttendantSettings
) -> Iterator[tuple[Path, FlowSettings | HolidaySettings]]:
    """What callers of the attendant, which stands at ``path``, may meet, each with its place."""
    yield (*path, "open"), attendant.open
    yield (*path, "closed"), attendant.closed
    for index, day in enumerate(attendant.holidays):
        yield (*path, "holidays", index), day
