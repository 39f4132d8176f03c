"""Who may register: digest as RFC 7616 has it, computed without the product."""

import re
import socket

import pytest
from tests.interop.phones import OUTSIDE, carrier, phone, play, talk, unregistered
from tests.interop.process import ServerProcess
from tests.interop.wire import Text, Wire, challenge_of, proof

URI = "sip:contoso.test"


def register(
    wire: Wire, user: str, password: str, algorithm: str, *, call_id: str, expires_s: int = 60
) -> Text:
    """REGISTER, challenge, REGISTER with proof; the last answer."""
    expires = f"Expires: {expires_s}\r\n"
    who = f"{user}@contoso.test"
    wire.send(wire.request("REGISTER", URI, user=who, call_id=call_id, more=expires))
    challenge = challenge_of(wire.final(), algorithm)
    credentials = proof(challenge, "REGISTER", URI, user, password)
    wire.send(
        wire.request("REGISTER", URI, user=who, call_id=call_id, cseq=2, more=expires + credentials)
    )
    return wire.final()


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA-512-256"])
def test_a_password_is_proved(server: ServerProcess, algorithm: str) -> None:
    with Wire(server.sip) as wire:
        answer = register(wire, "erin", "erin-secret", algorithm, call_id=f"right-{algorithm}")
        assert answer.status == 200
        assert f"<sip:hand@{wire.at}>" in answer.header("Contact")
        assert "expires=60" in answer.header("Contact")
        gone = register(
            wire, "erin", "erin-secret", algorithm, call_id=f"bye-{algorithm}", expires_s=0
        )
        assert gone.status == 200
        assert not gone.headers("Contact")


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA-512-256"])
def test_nobody_can_tell_an_unknown_user_from_a_wrong_password(
    server: ServerProcess, algorithm: str
) -> None:
    def answers(user: str) -> list[str]:
        with Wire(server.sip) as wire:
            answer = register(wire, user, "a guess", algorithm, call_id=f"guess-{algorithm}-{user}")
            assert answer.status == 401
            return [without_what_differs(seen.text, user) for seen in wire.seen]

    assert answers("alice") == answers("nobody")


def without_what_differs(text: str, user: str) -> str:
    text = text.replace(f"sip:{user}@", "sip:USER@").replace(f"-{user}", "-USER")
    return re.sub(r'(nonce="|;tag=|branch=|rport=|127\.0\.0\.1:)[\w.-]+', r"\1…", text)


def test_a_user_registers_only_the_own_address(server: ServerProcess) -> None:
    with Wire(server.sip) as wire:
        wire.send(wire.request("REGISTER", URI, user="bob@contoso.test", call_id="other"))
        challenge = challenge_of(wire.final(), "MD5")
        credentials = proof(challenge, "REGISTER", URI, "erin", "erin-secret")
        wire.send(
            wire.request(
                "REGISTER", URI, user="bob@contoso.test", call_id="other", cseq=2, more=credentials
            )
        )
        assert wire.final().status == 403


def test_a_proof_serves_once(server: ServerProcess) -> None:
    with Wire(server.sip) as wire:
        wire.send(wire.request("REGISTER", URI, user="erin@contoso.test", call_id="again"))
        challenge = challenge_of(wire.final(), "MD5")
        credentials = proof(challenge, "REGISTER", URI, "erin", "erin-secret")
        statuses = []
        for cseq in (2, 3):
            wire.send(
                wire.request(
                    "REGISTER", URI, user="erin@contoso.test", call_id="again", cseq=cseq,
                    more="Expires: 0\r\n" + credentials,
                )
            )  # fmt: skip
            statuses.append(wire.final().status)
        assert statuses == [200, 401]
        assert "stale=true" in wire.seen[-1].header("WWW-Authenticate")


def test_a_phone_that_left_is_not_rung(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside, unregistered(server, "bob") as bob:
            assert await bob.register() == 200
            call = await outside.dial("+14255550102")
            (await bob.rings()).answer()
            await call.answered()
            call.hang_up()
            assert await bob.register(expires_s=0) == 200
            assert len(bob.calls) == 1
            again = await outside.dial("+14255550102")
            await again.answered()  # by voicemail
            again.hang_up()
            await server.record(caller=OUTSIDE, result="voicemail")
            assert len(bob.calls) == 1

    play(scene())


def test_a_phone_over_tcp_talks_to_one_over_udp(server: ServerProcess) -> None:
    async def scene() -> None:
        async with phone(server, "erin", transport="tcp") as erin, phone(server, "bob") as bob:
            call = await bob.dial("105")
            rung = await erin.rings()
            rung.answer()
            await call.answered()
            await talk(call, rung)
            rung.hang_up()
            await call.ended()

    play(scene())


def test_a_phone_asks_for_its_address_by_stun_on_the_sip_port(server: ServerProcess) -> None:
    """RFC 5626 §8; the answer is read as RFC 8489 §14.2 has it."""
    transaction = bytes(range(12))
    cookie = bytes.fromhex("2112a442")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.settimeout(5)
        phone.sendto(b"\x00\x01\x00\x00" + cookie + transaction, server.sip)
        answer = phone.recv(1_000)
        own_port = phone.getsockname()[1]
    assert answer[:2] == b"\x01\x01"
    assert answer[4:20] == cookie + transaction
    assert answer[20:26] == b"\x00\x20\x00\x08\x00\x01"
    assert int.from_bytes(answer[26:28], "big") ^ 0x2112 == own_port
    assert bytes(a ^ b for a, b in zip(answer[28:32], cookie, strict=True)) == bytes((127, 0, 0, 1))
    assert server.metric("callwright_sip_malformed") == 0


def test_a_phone_behind_nat_is_asked_whether_it_is_there(server: ServerProcess) -> None:
    """Its Contact is private, so its path is kept open; 28 s at most until the first ping."""
    with Wire(server.sip) as wire:
        request = wire.request("REGISTER", URI, user="erin@contoso.test", call_id="hidden")
        hidden = request.replace(f"<sip:hand@{wire.at}>", "<sip:hand@10.0.0.9:5060>")
        wire.send(hidden)
        credentials = proof(
            challenge_of(wire.final(), "MD5"), "REGISTER", URI, "erin", "erin-secret"
        )
        wire.send(
            hidden.replace("CSeq: 1", "CSeq: 2")
            .replace("branch=z9hG4bK", "branch=z9hG4bK2")
            .replace("Content-Length", credentials + "Content-Length")
        )
        granted = wire.final()
        assert granted.status == 200
        assert "expires=600" in granted.header("Contact")
        ping = wire.receive_start("OPTIONS", within_s=30)
        assert ping.start == f"OPTIONS sip:{wire.at} SIP/2.0"
        wire.respond(ping, "200 OK")
