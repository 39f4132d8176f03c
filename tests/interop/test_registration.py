"""Who may register: digest as RFC 7616 has it, computed without the product."""

import re

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


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
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


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
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
