"""The asyncio shell: transports, and the node that wires everything together.

surroundings    what a node needs from outside, as Protocols
node            one running phone system: wires rooms, swaps snapshots, stops cleanly
front_desk      what comes in by SIP outside a dialog: calls, registrations, subscriptions, OPTIONS
callers         who is calling: an SBC by its address, a user by digest
registration    REGISTER
reach           phones and gateways, as legs that ring
gateway_health  OPTIONS to every SBC, and which of them are demoted
events         subscriptions: lamps, presence, registrations, messages
telling         news for people never stands in the way of a call
alarms          who is told of emergencies, failed gateways, low credits
credits         the wallet as calls see it
postbox courier mail: written to a directory, and taken from there to a mail server
voicemail       messages: stored, then shown and mailed
observers       records, metrics and log, which watch calls
tasks clock identifiers             the edges of the loop, of time and of chance
transports udp tcp                  sockets
configuration_watch server http ending     the process that `callwright serve` runs
"""
