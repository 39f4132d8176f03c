"""Bounds of events: subscriptions, NOTIFY, PUBLISH."""

SUBSCRIPTIONS_PER_USER_MAX = 500
"""A desk with three key modules watches 180 colleagues; some have two such phones."""
SUBSCRIPTIONS_MAX = 100_000
SUBSCRIPTION_EXPIRES_S_MIN = 60
SUBSCRIPTION_EXPIRES_S_MAX = 86_400
SUBSCRIPTION_LOOK_S = 5.0
"""How long somebody who asks once waits for a state that has to be fetched."""
NOTIFY_INTERVAL_S = 0.5
"""Between two NOTIFYs of one subscription; what happens meanwhile is told as its last state."""
NOTIFY_RETRY_S = 5.0
NOTIFY_FAILURES_MAX = 3
"""NOTIFYs in a row that were answered with an error before the subscription is given up."""
NOTIFIES_PER_TURN_MAX = 50
NOTIFY_TURN_S = 0.01
"""News of a much watched user goes out in turns of so many, for calls to go on between them."""
PUBLICATIONS_PER_USER_MAX = 20
PUBLICATION_BYTES_MAX = 16_384
XML_ELEMENTS_MAX = 1_000
XML_DEPTH_MAX = 32
REFER_SUBSCRIPTION_S = 180
"""How long the sender of a REFER is promised news of it; longer than any of our calls rings."""
