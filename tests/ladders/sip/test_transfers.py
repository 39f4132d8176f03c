"""REFER and the NOTIFYs about it (RFC 3515)."""

from tests.ladders.sip.rig import LINGER_S, Pair

from callwright.sip.message import Response
from callwright.sip.session.session import InviteSession, ReferNotifier


def accepted_refer(pair: Pair) -> tuple[InviteSession, InviteSession, ReferNotifier]:
    """alice asked bob to call carol, and he agreed."""
    hers, his = pair.answered_call()
    hers.refer("<sip:carol@example.com>")
    notifiers: list[ReferNotifier] = []
    pair.bob.listener.reactions["refer"] = lambda session: notifiers.append(
        session.accept_refer(pair.bob.listener.transactions[-1])
    )
    pair.run()
    return hers, his, notifiers[0]


def test_a_transfer_reports_how_it_goes() -> None:
    pair = Pair()
    hers, _, notifier = accepted_refer(pair)
    notifier.notify(180, "Ringing", final=False)
    pair.run()
    notifier.notify(200, "OK", final=True)
    notifier.notify(500, "Too late", final=True)
    pair.run()
    hers.bye()
    pair.run()
    assert pair.lines == [
        "alice -> bob REFER",
        "bob -> alice 202 REFER",
        "bob -> alice NOTIFY",
        "alice -> bob 200 NOTIFY",
        "bob -> alice NOTIFY",
        "alice -> bob 200 NOTIFY",
        "bob -> alice NOTIFY",
        "alice -> bob 200 NOTIFY",
        "alice -> bob BYE",
        "bob -> alice 200 BYE",
    ]
    notifies = [request for request in pair.alice.listener.requests if request.method == "NOTIFY"]
    assert [request.body for request in notifies] == [
        b"SIP/2.0 100 Trying\r\n",
        b"SIP/2.0 180 Ringing\r\n",
        b"SIP/2.0 200 OK\r\n",
    ]
    assert [str(request.header("Subscription-State"))[:6] for request in notifies] == [
        "active",
        "active",
        "termin",
    ]
    assert {request.content_type for request in notifies} == {"message/sipfrag"}
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_notifies_do_not_overtake_each_other() -> None:
    pair = Pair()
    _, _, notifier = accepted_refer(pair)
    for status in (180, 181, 182):
        notifier.notify(status, "Progress", final=False)
    notifier.notify(503, "No", final=True)
    pair.run(1.0)
    bodies = [request.body for request in pair.alice.listener.requests[-3:]]
    assert bodies == [
        b"SIP/2.0 100 Trying\r\n",
        b"SIP/2.0 180 Progress\r\n",
        b"SIP/2.0 503 No\r\n",
    ]


def test_a_transferor_that_left_is_not_told_for_ever() -> None:
    pair = Pair()
    hers, _, notifier = accepted_refer(pair)
    hers.bye()
    pair.run()
    notifier.notify(180, "Ringing", final=False)
    pair.run()
    assert pair.lines[-2:] == ["bob -> alice NOTIFY", "alice -> bob 481 NOTIFY"]
    notifier.notify(200, "OK", final=True)
    pair.run()
    assert pair.lines[-1] == "alice -> bob 481 NOTIFY"


def test_a_refused_transfer() -> None:
    pair = Pair()
    hers, _ = pair.answered_call()
    pair.bob.listener.reactions["refer"] = lambda session: pair.bob.listener.transactions[
        -1
    ].respond(603)
    responses: list[Response] = []
    hers.refer("<sip:carol@example.com>", on_response=responses.append)
    pair.run()
    assert [response.status for response in responses] == [603]
    assert pair.bob.listener.requests[-1].header("Refer-To") == "<sip:carol@example.com>"
