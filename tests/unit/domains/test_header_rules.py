"""Header rules of SBCs."""

from callwright.domains.pstn.headers import RemoveHeader, RenameHeader, SetHeader, translated

WORDS = {"calling": "+14255550101", "called": "+12065550199", "call_id": "abc"}
FIELDS = [("Subject", "x"), ("X-Old", "1"), ("X-Old", "2"), ("X-Keep", "k")]


def test_rules_set_remove_and_rename_in_their_order() -> None:
    rules = (
        SetHeader("X-Account", "{calling} for {called} in {call_id}"),
        RemoveHeader("Subject"),
        RenameHeader("X-Old", "X-New"),
        SetHeader("X-Keep", "other"),
    )
    assert translated(rules, FIELDS, WORDS) == [
        ("X-New", "1"),
        ("X-New", "2"),
        ("X-Account", "+14255550101 for +12065550199 in abc"),
        ("X-Keep", "other"),
    ]


def test_what_a_caller_sends_brings_no_placeholder() -> None:
    words = {**WORDS, "calling": "{called}"}
    [(_, value)] = translated((SetHeader("X", "a{calling}{unknown}"),), (), words)
    assert value == "a{called}{unknown}"
