"""Callbacks, announcements, recordings, channels and shown numbers of queues in the file."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

import callwright
from callwright.domains.queues.announcements import AnnouncementRule
from callwright.domains.queues.callback import CallbackRule
from callwright.domains.queues.model import CallQueue, RecordingRule
from callwright.kernel.ids import CallQueueId, MailboxId
from callwright.kernel.prompt import Say
from callwright.kernel.target import ToVoicemail
from callwright.operations.organisation_file import Organisation, build_snapshot
from callwright.operations.organisation_file.soundness import mistakes

CONTOSO = Path(callwright.__file__).parent / "examples/contoso.yaml"
OFFER = {"say": "Press 1 to be called back."}
CALLBACK = {"offer": OFFER, "key": "1", "mail_to": "support@contoso.test"}

File = dict[str, Any]


def file() -> File:
    content: File = yaml.safe_load(CONTOSO.read_text(encoding="utf-8"))
    return content


def support(**fields: object) -> File:
    """The demo organisation with other settings of its support queue."""
    changed = file()
    changed["call_queues"]["support"].update(fields)
    return changed


def queue(content: File, key: str = "support") -> CallQueue:
    organisation = Organisation.model_validate(content)
    found = list(mistakes(organisation))
    assert not found, found
    return build_snapshot(organisation, revision=1, base=None).queues[CallQueueId(key)]


def refusals(content: File) -> list[str]:
    try:
        organisation = Organisation.model_validate(content)
    except ValidationError as error:
        return [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    return [f"{'.'.join(map(str, f.path))}: {f.text}" for f in mistakes(organisation)]


def test_a_queue_has_a_name_beside_its_key_which_no_other_has() -> None:
    assert queue(support()).name == "support"
    assert queue(support(name="Customer care")).name == "Customer care"
    [told] = refusals(support(name="sales"))
    assert "give each queue a name of its own" in told
    assert refusals(support(name="x" * 65))


def test_everything_that_a_queue_may_do_is_read() -> None:
    read = queue(
        support(
            language="de-DE",
            service_level_s=45,
            announce={"every_s": 60, "expected_wait": True},
            callback={**CALLBACK, "after_wait_s": 30, "at_waiting": 50, "over_ratio": 2},
            recording={"announcement": {"say": "Aufnahme."}, "strict": True},
            caller_ids=["support-line"],
            call_out_code="*81",
        )
    )
    assert (read.language, read.service_level_s) == ("de-DE", 45)
    assert read.announcements == AnnouncementRule(60, True, True)
    assert read.callback == CallbackRule(
        Say(OFFER["say"], "de-DE"), "1", "support@contoso.test", 30, 50, 2
    )
    assert read.recording == RecordingRule(Say("Aufnahme.", "de-DE"), True)
    assert (read.caller_ids, read.call_out_code) == (("support-line",), "*81")


def test_a_queue_without_any_of_it_is_as_before() -> None:
    read = queue(file())
    assert (read.announcements, read.callback, read.recording) == (None, None, None)
    assert (read.service_level_s, read.caller_ids, read.call_out_code) == (None, (), None)


def test_a_target_of_voicemail_may_skip_the_greeting_and_choose_a_transcript() -> None:
    to = {"voicemail": "support", "transcription": True, "skip_greeting": True}
    read = queue(support(timeout={"after_s": 60, "to": to}))
    assert read.timeout.to == ToVoicemail(MailboxId("support"), True, skips_greeting=True)


@pytest.mark.parametrize(
    ("fields", "place", "remedy"),
    [
        ({"callback": CALLBACK}, "support.callback", "write after_wait_s, at_waiting or"),
        ({"callback": {**CALLBACK, "after_wait_s": 60}}, "callback.after_wait_s", "write less"),
        ({"callback": {**CALLBACK, "over_ratio": 0}}, "callback.over_ratio", "1 to 100"),
        ({"callback": {**CALLBACK, "key": "11", "at_waiting": 5}}, "callback.key", "no phone has"),
        (
            {"callback": {"key": "1", "mail_to": "a@b.test", "at_waiting": 5}},
            "callback.offer",
            "equired",
        ),
        ({"service_level_s": 60}, "support.service_level_s", "write less: 60"),
        ({"service_level_s": 2_401}, "support.service_level_s", "0 to 2400"),
        ({"announce": {"every_s": 10}}, "announce.every_s", "15 to 600"),
        ({"announce": {"every_s": 30, "position": False}}, "announce", "tells nothing"),
        ({"caller_ids": ["suport-line"]}, "caller_ids.0", "did you mean support-line"),
        ({"call_out_code": "*81"}, "call_out_code", "caller_ids"),
        ({"call_out_code": "81", "caller_ids": ["support-line"]}, "call_out_code", '"*81"'),
        ({"channel": {"group": "support-team"}}, "channel.group", "channel: true"),
        (
            {"timeout": {"after_s": 60, "to": {"user": "bob", "transcription": True}}},
            "timeout.to",
            "only voicemail has it",
        ),
    ],
)
def test_what_cannot_be_is_told_with_its_place(fields: File, place: str, remedy: str) -> None:
    [refusal] = refusals(support(**fields))
    assert place in refusal
    assert remedy in refusal


def channels(**second: object) -> File:
    content = file()
    content["groups"]["sales-channel"] = {"members": ["alice", "bob", "erin"], "channel": True}
    for key in ("support", "sales"):
        content["call_queues"][key]["agents"] = []
        content["call_queues"][key]["channel"] = {"group": "sales-channel"}
    content["call_queues"]["sales"]["channel"] |= second
    return content


@pytest.mark.row(161)
def test_a_second_queue_on_a_channel_is_refused() -> None:
    [refusal] = refusals(channels())
    assert "call_queues.sales.channel.group" in refusal
    assert "has the queue support already" in refusal


@pytest.mark.row(161)
def test_a_queue_takes_a_channel_over_where_it_says_so() -> None:
    content = channels(overwrite=True)
    assert queue(content, "sales").agents == ("alice", "bob", "erin")
    assert queue(content, "support").agents == ()


def test_two_queues_with_one_call_out_code_are_refused() -> None:
    content = file()
    for key in ("support", "sales"):
        extra = {"caller_ids": ["support-line"], "call_out_code": "*81"}
        content["call_queues"][key].update(extra)
    [refusal] = refusals(content)
    assert "a code of its own" in refusal


@pytest.mark.row(122)
@pytest.mark.parametrize(("characters", "is_refused"), [(1_000, False), (1_001, True)])
def test_what_a_queue_says_has_at_most_a_thousand_characters(
    characters: int, is_refused: bool
) -> None:
    said = {"say": "x" * characters}
    for place in ({"greeting": said}, {"callback": {**CALLBACK, "offer": said, "at_waiting": 5}}):
        assert bool(refusals(support(**place))) is is_refused


def test_agents_outside_are_numbers_among_the_users() -> None:
    read = queue(support(agents=[{"user": "bob"}, {"external": "+12065550188"}, {"user": "alice"}]))
    assert read.agents == ("bob", "+12065550188", "alice")


@pytest.mark.parametrize(("count", "is_refused"), [(20, False), (21, True)])
def test_a_queue_has_at_most_20_agents_outside(count: int, is_refused: bool) -> None:
    outside = [{"external": f"+1206555{number:04}"} for number in range(count)]
    assert bool(refusals(support(agents=outside))) is is_refused


def test_an_agent_outside_is_a_whole_number() -> None:
    [refusal] = refusals(support(agents=[{"external": "5550188"}]))
    assert "write it with a plus" in refusal


@pytest.mark.parametrize("code", ["*5", "*51", "*441", "*9"])
def test_a_code_that_hides_one_of_agents_supervisors_or_voicemail_is_refused(code: str) -> None:
    content = support(caller_ids=["support-line"], call_out_code=code)
    [refusal] = refusals(content)
    assert "call_out_code" in refusal
    assert "cannot be told apart" in refusal


def test_calls_are_shared_with_the_people_of_a_queue_but_not_of_a_channel() -> None:
    shared = {"missed": "agents", "answered": "authorised"}
    assert not refusals(support(shared_history=shared))
    (wrong,) = refusals(support(shared_history={"missed": "everybody"}))
    assert "write one of" in wrong
    content = support(shared_history=shared, channel={"group": "support-team"})
    content["groups"]["support-team"]["channel"] = True
    (refused,) = refusals(content)
    assert "shared_history: is not for the queue of a channel" in refused
