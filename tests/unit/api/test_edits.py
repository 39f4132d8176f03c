"""What an edit is answered with."""

import json

from callwright.api.edits import changed, changes_as_json
from callwright.domains.numbers.licence_loss import Loss
from callwright.kernel.e164 import E164, LineNumber
from callwright.operations.administration import Advice, Applied
from callwright.operations.licences.losing import LostNumber
from callwright.operations.plan import Change


def test_what_is_written_change_by_change_is_the_same() -> None:
    number = LineNumber.of(E164("+14255550101"), None)
    assert number is not None
    applied = Applied(
        7,
        (Change("user", "älice", "add", ()), Change("user", "bob", "remove", ())),
        Advice(None),
        (LostNumber("älice", number, Loss.UNASSIGNED),),
    )
    answer = changed(applied)
    assert json.loads(bytes(answer.body)) == changes_as_json(applied)
    assert answer.headers["Callwright-Revision"] == "7"
