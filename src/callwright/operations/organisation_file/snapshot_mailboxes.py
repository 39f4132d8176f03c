"""The snapshot's mailboxes, users' own and shared ones, and their policies."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from callwright.domains.voicemail.model import (
    AnswerRule,
    Attachment,
    Mailbox,
    OutOfOffice,
    VoicemailPolicy,
)
from callwright.kernel.ids import GroupId, MailboxId, UserId
from callwright.operations.organisation_file import mailbox_schema, schema
from callwright.operations.organisation_file.mailbox_schema import (
    OwnMailboxSettings,
    SharedMailboxSettings,
)
from callwright.operations.organisation_file.snapshot_apps import Wording, prompt, target

_PLAIN = OwnMailboxSettings()

MailboxOwner = schema.UserSettings | SharedMailboxSettings


def mailbox_owners(organisation: schema.Organisation) -> Mapping[str, MailboxOwner]:
    """Users have theirs beside the shared ones; no key is both."""
    return {**organisation.users, **organisation.shared_voicemail}


def build_mailbox(key: str, owner: MailboxOwner, wording: Wording) -> Mailbox | None:
    """None: the user has none."""
    if isinstance(owner, SharedMailboxSettings):
        return _shared(key, owner, wording)
    if owner.voicemail is not None and not owner.voicemail.enabled:
        return None
    return _own(key, owner.name, owner.voicemail or _PLAIN, wording)


def _own(key: str, name: str, mailbox: OwnMailboxSettings, wording: Wording) -> Mailbox:
    away = mailbox.out_of_office
    return Mailbox(
        MailboxId(key),
        name,
        rule=AnswerRule(mailbox.answer),
        transfer_to=None if mailbox.transfer_to is None else target(mailbox.transfer_to),
        transfer_key=mailbox.transfer_key,
        out_of_office=OutOfOffice()
        if away is None
        else OutOfOffice(
            away.active,
            None if away.until is None else date.fromisoformat(away.until),
            prompt(away.greeting, wording),
        ),
        **_common(mailbox, wording),
    )


def _shared(key: str, mailbox: SharedMailboxSettings, wording: Wording) -> Mailbox:
    groups = [str(member["group"]) for member in mailbox.members if isinstance(member, dict)]
    return Mailbox(
        MailboxId(key),
        key,
        is_shared=True,
        members=tuple(UserId(str(m)) for m in mailbox.members if not isinstance(m, dict)),
        groups=tuple(map(GroupId, groups)),
        policy=mailbox.policy,
        wants_transcript=mailbox.transcription,
        says_instructions=mailbox.instructions,
        **_common(mailbox, wording),
    )


def _common(mailbox: mailbox_schema.MailboxSettings, wording: Wording) -> dict[str, Any]:
    return {
        "email": mailbox.email,
        "pin": mailbox.pin,
        "greeting": prompt(mailbox.greeting, wording),
        "message_s_max": mailbox.message_s_max,
        "language": mailbox.language,
        "attachment": Attachment(mailbox.attachment),
        "is_protected": mailbox.protected,
    }


def build_voicemail(organisation: schema.Organisation, wording: Wording) -> dict[str, Any]:
    """The policies, and what all mailboxes have in common."""
    return {
        "voicemail_policies": {
            key: _policy(policy, wording) for key, policy in organisation.policies.voicemail.items()
        },
        "shared_mailboxes": tuple(map(MailboxId, organisation.shared_voicemail)),
        "voicemail_code": organisation.voicemail.dial,
        "profanities": frozenset(organisation.voicemail.profanities),
    }


def _policy(policy: mailbox_schema.VoicemailPolicySettings, wording: Wording) -> VoicemailPolicy:
    languages = (policy.primary_language, policy.secondary_language)
    return VoicemailPolicy(
        transcription=policy.transcription,
        mask_profanity=policy.mask_profanity,
        edit_answer_rules=policy.edit_answer_rules,
        message_s_max=policy.message_s_max,
        languages=tuple(language for language in languages if language is not None),
        preamble=prompt(policy.preamble, wording),
        postamble=prompt(policy.postamble, wording),
        is_mandatory=policy.mandatory,
        pin_at_own_phone=policy.pin_at_own_phone,
        keep_days=policy.keep_days,
        messages_max=policy.messages_max,
        minutes_max=policy.minutes_max,
    )
