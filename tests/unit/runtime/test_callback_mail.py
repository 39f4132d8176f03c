"""The mail about a customer whom nobody called back (SPEC 5.6)."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.runtime.test_postbox import CONTOSO, NOON, outbox, run, settled

from callwright.domains.queues.callback import CallbackRequest, CallbackRule
from callwright.kernel.e164 import E164
from callwright.kernel.ids import CallId, ResourceAccountId
from callwright.kernel.prompt import Say
from callwright.runtime.tasks import Tasks
from callwright.testing.builders import SUPPORT, contoso_queues


@pytest.mark.row(152)
def test_the_group_is_told_whom_nobody_called_back_and_why(tmp_path: Path) -> None:
    request = CallbackRequest(
        call=CallId("call_1"),
        queue=SUPPORT,
        account=ResourceAccountId("support-line"),
        number=E164("+12065552368"),
        name="Grace\nBcc: everybody@contoso.test",
        joined_at=NOON,
        expires_at=NOON,
        priority=3,
    )
    rule = CallbackRule(Say("Press 1."), "1", "support@contoso.test", at_waiting=5)
    queues = contoso_queues()
    offering = replace(CONTOSO, queues={**queues, SUPPORT: replace(queues[SUPPORT], callback=rule)})

    async def scene(tasks: Tasks) -> None:
        box = outbox(tmp_path, tasks)
        box.callback_failed(offering, request, "no agent was free")
        [told] = await settled(tmp_path, 1)
        assert (told["To"], told["Bcc"]) == ("support@contoso.test", None)
        text = told.get_payload()
        assert "+12065552368" in text
        assert "12:00 (America/Los_Angeles)" in text
        assert "no agent was free" in text
        box.callback_failed(CONTOSO, request, "the queue makes no such offer any more")
        both = await settled(tmp_path, 2)
        assert both[1]["To"] == "postmaster@contoso.test"

    run(scene)
