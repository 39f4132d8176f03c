"""Why a user can or cannot, and what of the licences is wasted, over HTTP."""

from tests.unit.api.api_client import Api


def test_what_a_user_may_do_and_why(api: Api) -> None:
    told = api.get("/users/dave/service")
    assert told["service"]["outbound"] == {
        "given": False,
        "because": "dave holds no phone-system licence",
        "reason": "licence-phone-system-missing",
    }
    assert told["service"]["voicemail"]["given"] is True
    assert told["policies"]["routing"]["policy"] == "default"
    assert api.ask("GET", "/users/nobody/service").status_code == 404
    assert api.ask("GET", "/users/dave/service", may="licences:read").status_code == 403


def test_licences_used_and_wasted(api: Api) -> None:
    report = api.get("/licence-report", may="licences:read")
    (phone,) = [row for row in report["usage"] if row["sku"] == "phone-system"]
    assert (phone["bought"], phone["standing"]) == (10, "valid")
    assert phone["unused"] == phone["bought"] - phone["held"]
    assert api.ask("GET", "/licence-report", may="users:read").status_code == 403
