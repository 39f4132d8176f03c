"""Who watches what, and how it is told (RFC 6665).

notifier            subscriptions of every package: who may, how long, what is told when
lamps               calls of a user (RFC 4235)
presence            whether a user can be reached (RFC 3856), with what phones publish (RFC 3903)
registration_state  registrations of a user (RFC 3680)
message_waiting     messages of a user (RFC 3842)
event_desk          wires these, and takes SUBSCRIBE and PUBLISH
"""
