"""The life of what phones publish (RFC 3903 §6), without a network."""

from itertools import count

from callwright.kernel.limits.subscriptions import PUBLICATIONS_PER_USER_MAX
from callwright.sip.events.publication import Publications
from callwright.sip.message import Request
from callwright.sip.screening import Refusal

BODY = (
    b"<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='sip:bob@h'>"
    b"<tuple id='t'><status><basic>open</basic></status><note>%s</note></tuple></presence>"
)


class Rig:
    def __init__(self) -> None:
        numbers = count(1)
        self.store = Publications(lambda: f"tag{next(numbers)}")

    def publish(
        self,
        note: str = "",
        *,
        etag: str | tuple[str, ...] = (),
        expires: str = "100",
        at_s: float = 0,
    ) -> Refusal:
        tags = (etag,) if isinstance(etag, str) else etag
        headers = [("Expires", expires), *(("SIP-If-Match", tag) for tag in tags)]
        body = BODY % note.encode() if note else b""
        request = Request("PUBLISH", "sip:bob@h", headers, body)
        return self.store.publish("bob", request, now_s=at_s)

    def note(self, at_s: float = 0) -> str | None:
        presence = self.store.presence("bob", now_s=at_s)
        return None if presence is None else presence.note


def etag(answer: Refusal) -> str:
    return dict(answer.headers)["SIP-ETag"]


def test_a_refresh_lengthens_and_says_nothing_new() -> None:
    rig = Rig()
    desk = rig.publish("desk")
    rig.publish("mobile", at_s=10)
    assert rig.publish(etag=etag(desk), at_s=90).status == 200
    assert rig.note(95) == "mobile"
    assert rig.note(150) == "desk"
    assert rig.store.ends_in_s("bob", now_s=150) == 40
    assert rig.note(191) is None
    assert rig.store.ends_in_s("bob", now_s=191) is None


def test_a_change_is_the_newest() -> None:
    rig = Rig()
    desk = rig.publish("desk")
    mobile = rig.publish("mobile")
    assert rig.publish("desk again", etag=etag(desk)).status == 200
    assert rig.note() == "desk again"
    assert rig.publish(etag=etag(mobile), expires="0").status == 200
    assert rig.note() == "desk again"


def test_a_tag_serves_once() -> None:
    rig = Rig()
    first = etag(rig.publish("desk"))
    second = etag(rig.publish(etag=first))
    assert rig.publish(etag=first).status == 412
    assert rig.publish(etag=second).status == 200
    assert rig.publish(etag=("a", "b")).status == 400


def test_published_for_no_time_at_all() -> None:
    rig = Rig()
    answer = rig.publish("desk", expires="0")
    assert (answer.status, dict(answer.headers)["Expires"]) == (200, "0")
    assert rig.note() is None
    assert rig.store.users() == ()


def test_a_phone_that_forgets_its_tags_fills_no_memory() -> None:
    rig = Rig()
    answers = [rig.publish(f"n{n}") for n in range(PUBLICATIONS_PER_USER_MAX + 5)]
    assert rig.note() == f"n{PUBLICATIONS_PER_USER_MAX + 4}"
    assert rig.publish(etag=etag(answers[4])).status == 412
    assert rig.publish(etag=etag(answers[5])).status == 200
