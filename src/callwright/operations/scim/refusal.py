"""Why a SCIM request is not carried out (RFC 7644 §3.12)."""


class ScimError(Exception):
    def __init__(self, status: int, detail: str, kind: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.kind = kind
        """``scimType``: ``invalidFilter``, ``uniqueness``, ``invalidPath`` ..."""


def invalid_value(detail: str) -> ScimError:
    return ScimError(400, detail, "invalidValue")


def not_found(what: str, id: str) -> ScimError:
    return ScimError(404, f"there is no {what} {id[:100]!r}")
