"""An organisation with an entry in every section of the file."""

from typing import Any

from tests.unit.operations.contoso_file import FILE
from yaml import safe_load

from callwright.operations.organisation_file import Organisation

HOURS_AND_HOLIDAYS: dict[str, Any] = {
    "schedules": {
        "office": {
            "timezone": "America/Denver",
            "hours": {"mon-fri": ["08:55-17:05"], "sat": ["22:00-06:00"]},
            "grid_minutes": 1,
            "switch": {"code": "1", "by": [{"user": "alice"}, {"group": "support-team"}]},
        },
        "nights": {"hours": {"except": {"mon-sun": ["06:00-22:00"]}}},
    },
    "holiday_sets": {
        "own": {"name": "Our days", "dates": ["2026-12-24 13:00..2026-12-24 18:00"]},
        "public": {"country": {"code": "US", "subdivision": "WA"}},
        "town": {"calendar": {"url": "https://contoso.test/town.ics", "every_h": 24}},
    },
}


def whole_tree() -> dict[str, Any]:
    """The demo organisation's, and what it does without."""
    tree: dict[str, Any] = safe_load(FILE.read_text(encoding="utf-8"))
    direct = tree["pstn"]["direct_routing"]
    direct["policies"]["home"] = {"usages": ["national"]}
    return {
        **tree,
        "licences": {
            **tree["licences"],
            "premium": {"seats": 2, "expires": "2027-12-31", "grace_days": 5},
        },
        "groups": {
            **tree["groups"],
            "everybody": {
                "name": "All of us",
                "members": [{"group": "support-team"}, "carol"],
                "policies": {"calling": {"name": "domestic", "rank": 2}},
            },
        },
        "policies": {
            "calling": {"default": {}, "domestic": {"outbound": "domestic"}},
            "caller_id": {"team": {"show": {"resource_account": "main-line"}}},
            "shared_calling": {
                "shop": {"resource_account": "main-line", "emergency_numbers": ["+14255550118"]}
            },
            "voice_applications": {"desk": {"allow": ["queue_hold_music"]}},
            "voicemail": {"default": {"keep_days": 90}},
        },
        "pstn": {
            "direct_routing": direct,
            "calling_plan": {"sbcs": ["sbc1"]},
            "operator_connect": {"sbcs": ["sbc2"]},
            "stir": {
                "sign": {
                    "key": "/etc/callwright/stir.key",
                    "certificate_url": "https://contoso.test/stir.pem",
                },
                "verify": {"certificates": "/var/lib/callwright/stir"},
            },
        },
        **HOURS_AND_HOLIDAYS,
        "unassigned_numbers": {
            "gone": {
                "range": "+14255550110..+14255550117",
                "priority": 1,
                "to": {"auto_attendant": "reception"},
            },
            "older": {
                "pattern": r"^\+1425555011\d$",
                "priority": 2,
                "announcement": {"say": "No."},
            },
        },
        "contacts": {
            "zed": {"name": "Zed", "phones": ["+12065550123"]},
            "ann": {"name": "Ann", "phones": ["+12065550124"]},
        },
        "emergency": {
            **tree["emergency"],
            "locations": {
                **tree["emergency"]["locations"],
                "annex": {"address": "2 Contoso Way, Redmond, WA 98052, US"},
            },
        },
        "voicemail": {"dial": "*97"},
        "shield": {"never": ["203.0.113.0/24"]},
        "sign_in": {
            "url": "https://phone.contoso.test",
            "oidc": {"issuer": "https://login.contoso.test", "client_id": "callwright"},
        },
    }


def whole_organisation() -> Organisation:
    return Organisation.model_validate(whole_tree())
