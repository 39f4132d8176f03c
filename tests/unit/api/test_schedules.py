"""What comes next, and night mode, over HTTP."""

from tests.unit.api.api_client import Api

OFFICE, RECEPTION = "/schedules/office", "/auto-attendants/reception"
AT = "2026-12-24T20:00:00Z"


def made(api: Api) -> None:
    hours = {"hours": {"mon-fri": ["09:00-17:00"]}}
    assert api.ask("PUT", OFFICE, json=hours).status_code == 201
    change = {"hours": "office"}
    assert api.ask("PATCH", RECEPTION, json=change).status_code == 200


def test_the_preview_says_how_it_stands_why_and_what_changes(api: Api) -> None:
    made(api)
    told = api.get(f"{RECEPTION}/preview?at={AT}&count=2", may="services:read")
    assert told["zone"] == "America/Los_Angeles"
    assert told["now"]["standing"] == "open"
    assert [(c["local"], c["standing"], c["holiday"]) for c in told["changes"]] == [
        ("2026-12-24T17:00:00-08:00", "closed", None),
        ("2026-12-25T00:00:00-08:00", "holiday", "Christmas"),
    ]
    assert api.ask("GET", f"{OFFICE}/preview", may="users:read").status_code == 403
    assert api.ask("GET", "/schedules/none/preview").status_code == 404
    assert api.ask("GET", f"{OFFICE}/preview?count=101").status_code == 422
    assert api.ask("GET", f"{OFFICE}/preview?at=2026-12-24T20:00:00").status_code == 422
    for far in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        for place in (OFFICE, "/holiday-sets/none"):
            assert api.ask("GET", f"{place}/preview?at={far}").status_code == 422


def test_it_is_set_with_an_author_and_lifted(api: Api) -> None:
    made(api)
    place = f"{OFFICE}/override"
    wanted = {"standing": "closed", "until": "2099-01-01T00:00:00Z"}
    assert api.ask("PUT", place, json=wanted, may="services:read").status_code == 403
    written = api.ask("PUT", place, json=wanted)
    assert written.status_code == 200, written.text
    override = api.get(f"{RECEPTION}/preview")["override"]
    assert (override["standing"], override["of"]) == ("closed", "schedule office")
    assert override["until"].startswith("2099-01-01T00:00:00")
    assert override["by"]
    lifted = api.ask("DELETE", place)
    assert lifted.json()["changes"][0]["action"] == "remove"
    assert api.get(f"{OFFICE}/preview")["override"] is None
    assert api.ask("DELETE", place).json()["changes"] == []
    assert api.ask("DELETE", "/schedules/none/override").status_code == 404


def test_what_cannot_be_set_says_where(api: Api) -> None:
    made(api)
    past = {"standing": "closed", "until": "2020-01-01T00:00:00Z"}
    for body, words in (
        (past, "is over"),
        ({"standing": "closed", "until": "9999-12-31T23:59:59Z"}, "until it is lifted"),
        ({"standing": "holiday"}, "a schedule has no holidays"),
        ({"standing": "ajar"}, "open"),
        ({"standing": "open", "for": 5}, "for"),
    ):
        refused = api.ask("PUT", f"{OFFICE}/override", json=body)
        assert refused.status_code == 422
        assert words in refused.text
