"""Bounds of sign-in, tokens and provisioning."""

PASSWORD_CHARS_MIN = 12
"""NIST SP 800-63B §3.1.1.2 asks for 8 with a second factor and 15 without."""
PASSWORD_CHARS_MAX = 256
"""Hashing longer ones would let strangers use our processor."""
PASSWORD_HASH_MEMORY_KIB, PASSWORD_HASH_PASSES, PASSWORD_HASH_LANES = 19_456, 2, 1
"""The OWASP password storage cheat sheet's least for Argon2id; about 20 ms of a processor, so that
a flood of sign-ins does not disturb calls."""
PASSWORD_HASHES_AT_ONCE = 2
PASSWORD_HASHES_WAITING_MAX = 32
"""Sign-ins that wait for their turn; more are asked to come back."""
TOTP_DRIFT_STEPS = 1
"""RFC 6238 §5.2: one step back, and one ahead for a clock that is fast."""
RECOVERY_CODES = 10
SIGN_IN_DELAY_S_FIRST = 1.0
SIGN_IN_DELAY_S_MAX = 900.0
"""After a dozen wrong passwords from one place a guess takes a quarter of an hour."""
SIGN_IN_NAME_DELAY_S_MAX = 30.0
"""For a name that is tried from everywhere: its owner waits, and is not locked out."""
SIGN_IN_MEMORY_S = 86_400.0
SIGN_IN_FAILURES_KEPT_MAX = 30_000
"""Sources, names and pairs of them; about 10 MB."""
SIGN_IN_LINK_S = 900.0
SESSION_IDLE_S = 3_600.0
SESSION_S_MAX = 43_200.0
"""OWASP session management cheat sheet: idle and absolute time-outs; a working day."""
SESSION_TOUCH_S = 60.0
"""How old the stored last use may be: not every request writes."""
SESSIONS_PER_ACCOUNT_MAX = 20
"""The longest unused goes when one more begins."""
ACCOUNTS_MAX = 100_000
API_TOKENS_MAX = 10_000
"""That hold at a time."""
API_TOKEN_MEMORY_S = 90 * 86_400.0
"""How long after its end a token is still listed."""
API_TOKEN_S_MAX = 366 * 86_400.0
"""A token that lasts longer is forgotten by who made it."""
AUTHORISED_USERS_MAX = 15
"""SPEC 5.2, 6.1 (row 279)."""
OIDC_TEXT_CHARS_MAX = 500
"""Of a URL or an identifier of a provider."""
OIDC_AT_ONCE = 4
"""Questions to providers; a slow one must not take all threads."""
OIDC_PROVIDERS_MAX = 1_000
"""Whose endpoints and keys are kept."""
OIDC_LEEWAY_S = 60
"""How far a provider's clock may be from ours."""
OIDC_FLOW_S = 600.0
OIDC_ANSWER_S = 10.0
OIDC_ANSWER_BYTES_MAX = 256 * 1024
OIDC_KEYS_S = 3_600.0
"""How long the keys and endpoints of a provider are kept."""
OIDC_KEYS_AGAIN_S = 60.0
"""How soon they are fetched again for a key that is not among them."""
SCIM_PAGE_MAX = 200
"""RFC 7644 §3.4.2.4 leaves it to us; Entra asks for 100, Okta for 200."""
SCIM_FILTER_CHARS_MAX = 2_000
SCIM_FILTER_DEPTH_MAX = 20
SCIM_OPERATIONS_MAX = 1_000
"""Of one PATCH; Entra sends members by 20, Okta by 100."""
SCIM_BODY_BYTES_MAX = 1024 * 1024
SCIM_TEXT_CHARS_MAX = 1_000
"""Of an id, a userName or an externalId."""
SCIM_RESOURCE_BYTES_MAX = 64 * 1024
"""Of what a provider tells of one user; of a group without its members."""
SCIM_ATTEMPTS_MAX = 5
"""How often a request that somebody crossed is thought over again."""
