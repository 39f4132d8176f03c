"""Why an act about access was not done."""


class AccessRefused(Exception):
    """``text`` is for a person: what is wrong, a semicolon, what to do instead."""

    def __init__(self, code: str, field: str, text: str) -> None:
        super().__init__(f"{field}: {text}" if field else text)
        self.code = code
        """Stable: ``name-taken``, ``beyond-own-permissions`` ..."""
        self.field = field
        """Of the request; "" for the whole."""
        self.text = text


class SignInRefused(Exception):
    """The same words whether the name, the password or the code was wrong."""

    def __init__(self, code: str, text: str, *, wait_s: float = 0.0) -> None:
        super().__init__(text)
        self.code = code
        """``wrong-credentials``, ``second-factor-needed``, ``wait``, ``busy``, ``link-unknown``."""
        self.text = text
        self.wait_s = wait_s
