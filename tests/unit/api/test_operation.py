"""What happened and what is: calls, credits, phones, messages, the shield, explanations."""

from datetime import timedelta

from tests.unit.api.api_client import AT, Api, pointers

from callwright.apps.services import Message
from callwright.calls.record import CallRecord, CallResult, Direction
from callwright.kernel.addresses import HostPort
from callwright.kernel.decision import Step
from callwright.kernel.ids import CallId, MailboxId, UserId
from callwright.kernel.money import Money
from callwright.kernel.reason import Reason
from callwright.storage.call_records import CallRecords
from callwright.storage.registrations import StoredBinding, StoredRegistrations
from callwright.storage.voicemail import Voicemails


def record(number: int, user: str = "alice") -> CallRecord:
    return CallRecord(
        id=CallId(f"call_{number}"),
        started_at=AT + timedelta(seconds=number),
        answered_at=AT + timedelta(seconds=number + 1),
        ended_at=AT + timedelta(seconds=number + 3),
        caller="+14255550101",
        callee="102",
        direction=Direction.INTERNAL,
        result=CallResult.ANSWERED,
        sip_status=200,
        reason=Reason.NORMAL,
        charge=Money(120_000, "USD"),
        caller_user=UserId(user),
        steps=(Step("rings bob", "he is called"),),
    )


def test_calls_come_in_pages_newest_first(api: Api) -> None:
    CallRecords(api.database).add([record(number) for number in range(3)])
    first = api.get("/calls?limit=2")
    assert [call["id"] for call in first["items"]] == ["call_2", "call_1"]
    rest = api.get(f"/calls?limit=2&cursor={first['next']}")
    assert [call["id"] for call in rest["items"]] == ["call_0"]
    assert rest["items"][0]["charge"] == "0.12"
    assert api.get("/calls?user=nobody")["items"] == []
    assert api.get("/calls?since=2026-03-10T09:30:02Z")["items"][0]["id"] == "call_2"
    assert api.ask("GET", "/calls?since=2026-03-10T09:30:02").status_code == 422


def test_a_call_tells_its_decisions(api: Api) -> None:
    CallRecords(api.database).add([record(1)])
    assert api.get("/calls/call_1")["steps"] == [{"what": "rings bob", "because": "he is called"}]
    assert api.ask("GET", "/calls/call_9").status_code == 404


def test_first_tier_support_sees_calls_of_whom_it_looks_for(api: Api) -> None:
    CallRecords(api.database).add([record(1), record(2, "bob")])
    may = "calls:search"
    assert api.ask("GET", "/calls", may=may).status_code == 403
    found = api.get("/calls?user=alice", may=may)["items"]
    assert [call["id"] for call in found] == ["call_1"]
    assert api.ask("GET", "/calls/call_2", may=may).status_code == 403
    assert api.ask("GET", "/calls/call_2?user=alice", may=may).status_code == 404
    assert api.ask("GET", "/calls/call_2?user=bob", may=may).status_code == 200


def test_running_calls_are_in_the_journal(api: Api) -> None:
    CallRecords(api.database).started(CallId("call_7"), AT, "101", "102", Direction.INTERNAL)
    (running,) = api.get("/calls/running")["items"]
    assert (running["id"], running["state"]) == ("call_7", "running")
    assert api.get("/calls/call_7")["state"] == "running"
    assert api.ask("POST", "/calls/call_7/end").status_code == 404


def test_paying_in_twice_with_one_key_is_paid_once(api: Api) -> None:
    opening = api.get("/credits/balance")
    key = {"Idempotency-Key": "pay-1"}
    for _ in range(2):
        paid = api.ask("POST", "/credits/top-ups", {"amount": "20.00"}, headers=key)
        assert paid.status_code == 201, paid.text
    balance = api.get("/credits/balance")
    assert float(balance["balance"]) == float(opening["balance"]) + 20
    newest = api.get("/credits/ledger?limit=1")
    assert (newest["items"][0]["amount"], newest["items"][0]["note"]) == ("20.00", "by anna")
    assert newest["next"] is not None
    assert api.ask("POST", "/credits/top-ups", {"amount": "0"}).status_code == 422
    assert api.ask("POST", "/credits/top-ups", {"amount": "-5"}).status_code == 422


def test_phones_are_listed_by_user(api: Api) -> None:
    def phone(user: str) -> StoredBinding:
        return StoredBinding(
            aor=user,
            contact=f"sip:{user}@192.0.2.1",
            transport="udp",
            local=HostPort("192.0.2.9", 5060),
            remote=HostPort("192.0.2.1", 5062),
            call_id="c",
            cseq=1,
            q=1.0,
            path=(),
            user_agent="Phone/1",
            expires_at=AT + timedelta(seconds=60),
        )

    StoredRegistrations(api.database).save(phone("alice"), phone("bob"))
    first = api.get("/registrations?limit=1")
    assert (first["items"][0]["user"], first["items"][0]["address"]) == ("alice", "192.0.2.1:5062")
    rest = api.get(f"/registrations?limit=1&cursor={first['next']}")
    assert [phone["user"] for phone in rest["items"]] == ["bob"]
    api.watch.pass_by(60)
    assert api.get("/registrations?user=alice")["items"] == []


def test_messages_are_listed_newest_first(api: Api) -> None:
    numbers = iter("123")
    voicemails = Voicemails(api.database, new_id=lambda: next(numbers))
    for number in range(2):
        path = voicemails.new_path(MailboxId("alice"))
        path.write_bytes(b"RIFF")
        at = AT + timedelta(seconds=number)
        voicemails.add(Message(MailboxId("alice"), "+1", None, at, 2.5, path))
    first = api.get("/voicemail?mailbox=alice&limit=1")
    assert (first["items"][0]["id"], first["items"][0]["is_read"]) == ("2", False)
    assert api.get(f"/voicemail?cursor={first['next']}")["items"][0]["id"] == "1"
    assert api.get("/voicemail?mailbox=bob")["items"] == []


def test_a_network_is_blocked_and_lifted(api: Api) -> None:
    body = {"network": "203.0.113.0/24", "for_s": 60}
    assert api.ask("POST", "/shield/blocks", body).status_code == 204
    (block,) = api.get("/shield/blocks")["items"]
    assert (block["network"], block["offence"]) == ("203.0.113.0/24", "order")
    lifted = api.ask("DELETE", "/shield/blocks?network=203.0.113.7")
    assert lifted.json() == {"lifted": ["203.0.113.0/24"]}
    assert api.ask("POST", "/shield/blocks", body | {"network": "x"}).status_code == 422


def test_a_call_is_explained_without_a_running_server(api: Api) -> None:
    response = api.ask("POST", "/explain", {"caller": "alice", "dialled": "102"})
    assert response.status_code == 200, response.text
    assert response.json()["outcome"].startswith("rings bob")


def test_an_explained_caller_presses_keys_and_says_words(api: Api) -> None:
    asked = {"caller": "alice", "dialled": "main-line", "keys": "2"}
    told = api.ask("POST", "/explain", asked).json()
    assert told["outcome"].endswith("rings bob (20 s), then voicemail of bob")
    assert any("Transferring your call to Bob Brown." in step["what"] for step in told["steps"])
    silent = api.ask("POST", "/explain", asked | {"keys": None, "says": ["Bob Brown"]}).json()
    assert "rings alice" in silent["outcome"]  # speech is off, and the operator is asked
    refused = api.ask("POST", "/explain", asked | {"keys": "two"})
    assert (refused.status_code, list(pointers(refused))) == (422, ["/keys"]), refused.text


def test_a_wallet_keeps_its_currency(api: Api) -> None:
    response = api.ask("PATCH", "/credits", {"currency": "EUR"})
    assert (response.status_code, response.json()["code"]) == (422, "wrong-currency")
    assert "USD" in response.json()["remedy"]
    assert api.get("/credits")["currency"] == "USD"


def test_the_end_of_time_is_no_time_for_a_call(api: Api) -> None:
    for at in ("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"):
        refused = api.ask("POST", "/explain", {"caller": "alice", "dialled": "bob", "at": at})
        assert (refused.status_code, list(pointers(refused))) == (422, ["/at"]), refused.text
