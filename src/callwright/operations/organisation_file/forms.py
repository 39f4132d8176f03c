"""Targets and prompts: a word or a mapping with one key, kept as the file words them."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from pydantic import JsonValue, PlainValidator, ValidationInfo

from callwright.kernel.e164 import E164
from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.kernel.limits.queues import CALL_PRIORITY_RANGE
from callwright.kernel.limits.sounds import AUDIO_FILE_BYTES_MAX, PROMPT_TEXT_CHARS_MAX
from callwright.media.foreign_sounds import check_format
from callwright.media.library import PromptError
from callwright.operations.organisation_file.refusal import (
    alternatives,
    needs_text,
    quoted,
    refused,
)
from callwright.operations.organisation_file.values import is_printable

TARGET_KINDS = ("user", "group", "call_queue", "auto_attendant", "external", "voicemail")
PROMPT_KINDS = ("say", "file")
DISCONNECT, OWN_VOICEMAIL, OPERATOR = "disconnect", "voicemail", "operator"
DEFAULT_MUSIC = "default"
PRIORITY, NAME, COMMAND = "priority", "name", "command"
TRANSCRIPTION, SKIP_GREETING = "transcription", "skip_greeting"
"""Beside a mailbox only."""
PRIORITISED = ("call_queue", "auto_attendant")
"""Kinds that a priority may stand beside."""
BASE = "base"
"""In the validation context: the folder of the file, for sound files beside it. Without it sound
files are not looked at: they were, when the file was read."""

_EXAMPLES = {
    "user": "{user: bob}",
    "group": "{group: support-team}",
    "resource_account": "{resource_account: main-line}",
    "call_queue": "{call_queue: support}",
    "auto_attendant": "{auto_attendant: reception}",
    "external": '{external: "+12065550199"}',
    "voicemail": "{voicemail: support}",
    "say": '{say: "Welcome."}',
    "file": "{file: welcome.wav}",
}
_Form: TypeAlias = dict[str, str | int] | str
_Check: TypeAlias = Callable[[object, ValidationInfo], _Form]


def _form(
    kinds: Collection[str],
    words: Collection[str] = (),
    *,
    takes_keys: bool = False,
    extras: Collection[str] = (),
) -> PlainValidator:
    """Accepts one of ``words``, or a mapping with exactly one of ``kinds`` and text behind it.

    ``takes_keys``: any text is the key of something. ``extras`` may stand beside the kind; of
    them ``priority`` beside queues and attendants only.
    """

    def check(value: object, info: ValidationInfo) -> _Form:
        if isinstance(value, str) and (takes_keys or value in words):
            return value
        if takes_keys and not isinstance(value, Mapping):
            raise needs_text(value)
        if not isinstance(value, Mapping):
            raise refused(f"{shown(value)} does not fit; {_remedy(value, kinds, words)}")
        beside = {key: value[key] for key in value if key in extras}
        kind, content = _only_entry({k: v for k, v in value.items() if k not in beside}, kinds)
        if not isinstance(content, str):
            raise needs_text(content, at=[kind])
        checked = {key: _EXTRAS[key](kind, extra) for key, extra in beside.items()}
        return {kind: _CONTENT.get(kind, _keep)(content, info), **checked}

    return PlainValidator(check)


def shown(value: object) -> str:
    """Returns a value of any kind in few words."""
    return quoted(value) if isinstance(value, str) else quoted(str(value))[1:-1]


def _only_entry(value: Mapping[str, Any], kinds: Collection[str]) -> tuple[str, Any]:
    for key in value:
        if key not in kinds:
            examples = ", ".join(_EXAMPLES[kind] for kind in kinds)
            raise refused(
                f"{quoted(key)} does not fit here; {alternatives(key, kinds)} ({examples})",
                at=[key],
            )
    if len(value) != 1:
        found = " and ".join(value) or "nothing"
        raise refused(f"says {found}; write exactly one of {', '.join(kinds)}")
    return next(iter(value.items()))


def _remedy(value: object, kinds: Collection[str], words: Collection[str]) -> str:
    if value == OWN_VOICEMAIL:
        return "only a user has a voicemail of their own; write {voicemail: KEY}"
    if isinstance(value, str) and "say" in kinds and value not in kinds:
        return f'write {{say: "{value[:40]}"}}' if '"' not in value else "write {say: ...}"
    forms = [_EXAMPLES[kind] for kind in kinds] + list(words)
    return f"write one of {', '.join(forms)}"


def _keep(content: str, info: ValidationInfo) -> str:
    return content


def _check_external(content: str, info: ValidationInfo) -> str:
    if E164.parse_or_none(content) is None:
        raise refused(
            f"{quoted(content)} is not an E.164 number; "
            'write it with a plus, such as "+12065550199"',
            at=["external"],
        )
    return content


def _check_words(content: str, info: ValidationInfo) -> str:
    most = PROMPT_TEXT_CHARS_MAX
    if len(content) > most:
        raise refused(f"has {len(content)} characters; shorten it to {most}", at=["say"])
    if not content.strip() or not is_printable(content.replace("\n", " ")):
        raise refused("is nothing to say; write printable text", at=["say"])
    return content


def _check_sound(content: str, info: ValidationInfo) -> str:
    """Returns the absolute path, so that whoever runs the system finds the file."""
    base = (info.context or {}).get(BASE)
    if not content or not is_printable(content):
        raise refused("names no file; write the path of a sound file", at=["file"])
    if base is None:
        return content
    path = Path(base, content).absolute()
    try:
        size = path.stat().st_size
        sound = path.read_bytes() if size <= AUDIO_FILE_BYTES_MAX else b""
    except (OSError, ValueError):
        raise refused(
            f"{path} cannot be read; put the file there or correct the path", at=["file"]
        ) from None
    if size > AUDIO_FILE_BYTES_MAX:
        raise refused(f"{path} has {size} bytes; shorten it to {AUDIO_FILE_BYTES_MAX}", at=["file"])
    try:
        check_format(sound)
    except PromptError as error:
        raise refused(f"{path} is not taken: {error}", at=["file"]) from None
    return str(path)


_CONTENT: dict[str, Callable[[str, ValidationInfo], str]] = {
    "external": _check_external,
    "say": _check_words,
    "file": _check_sound,
}


def _check_priority(kind: str, value: object) -> int:
    first, last = CALL_PRIORITY_RANGE
    if kind not in PRIORITISED:
        raise refused("only a call queue or an auto attendant has it; leave it out", at=[PRIORITY])
    if isinstance(value, bool) or not isinstance(value, int) or not first <= value <= last:
        raise refused(f"must be a whole number from {first} to {last}", at=[PRIORITY])
    return value


def _check_spoken(what: str) -> Callable[[str, object], str]:
    def check(kind: str, value: object) -> str:
        if not isinstance(value, str):
            raise needs_text(value, at=[what])
        most = NAME_CHARS_MAX
        if not value.strip() or not is_printable(value) or len(value) > most:
            raise refused(f"must be 1 to {most} printable characters", at=[what])
        return value

    return check


def _check_of_mailbox(what: str) -> Callable[[str, object], bool]:
    def check(kind: str, value: object) -> bool:
        if kind != "voicemail":
            raise refused("only voicemail has it; leave it out", at=[what])
        if not isinstance(value, bool):
            raise refused("must be true or false", at=[what])
        return value

    return check


_EXTRAS: dict[str, Callable[[str, object], str | int]] = {
    PRIORITY: _check_priority,
    NAME: _check_spoken(NAME),
    COMMAND: _check_spoken(COMMAND),
    TRANSCRIPTION: _check_of_mailbox(TRANSCRIPTION),
    SKIP_GREETING: _check_of_mailbox(SKIP_GREETING),
}

_OF_TARGETS = (PRIORITY, TRANSCRIPTION, SKIP_GREETING)

Target = Annotated[JsonValue, _form(TARGET_KINDS, (DISCONNECT,), extras=_OF_TARGETS)]
"""Where a queue or an attendant sends a call."""
OwnTarget = Annotated[
    JsonValue, _form(TARGET_KINDS, (OWN_VOICEMAIL, DISCONNECT), extras=(PRIORITY,))
]
"""Where a user sends a call; ``voicemail`` is the user's own."""
TreatmentTarget = Annotated[
    JsonValue,
    _form(("user", "resource_account", "call_queue", "auto_attendant"), extras=(PRIORITY,)),
]
"""Where a call to a number goes that nobody has; never out again, for nobody would pay."""
OperatorTarget = Annotated[JsonValue, _form(TARGET_KINDS, extras=_OF_TARGETS)]
FlowEnd = Annotated[JsonValue, _form(TARGET_KINDS, (DISCONNECT, OPERATOR), extras=_OF_TARGETS)]
MenuOption = Annotated[
    JsonValue,
    _form(
        (*TARGET_KINDS, *PROMPT_KINDS), (DISCONNECT, OPERATOR), extras=(*_OF_TARGETS, NAME, COMMAND)
    ),
]
"""What a key leads to; ``name`` is how callers are told of it, ``command`` what they may say."""
Answerer = Annotated[JsonValue, _form(("auto_attendant", "call_queue"), extras=(PRIORITY,))]
OWN_NUMBER, ANONYMOUS = "own", "anonymous"
ShownNumber = Annotated[JsonValue, _form(("resource_account",), (OWN_NUMBER, ANONYMOUS))]
"""Which number a caller shows; never that of another user (SPEC 8.7)."""

Member = Annotated[JsonValue, _form(("group",), takes_keys=True)]
"""Of a group: the key of a user, or ``{group: KEY}`` for everybody in another group."""
Agent = Annotated[JsonValue, _form(("user", "group", "external"))]
Colleague = Annotated[JsonValue, _form(("user", "group"))]
"""Who has a phone here; ``{group: KEY}`` stands for everybody in it."""
Notified = Annotated[JsonValue, _form(("user",))]
PromptForm = Annotated[JsonValue, _form(PROMPT_KINDS)]
Music = Annotated[JsonValue, _form(("file",), (DEFAULT_MUSIC,))]
