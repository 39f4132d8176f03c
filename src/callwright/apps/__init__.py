"""Voice applications: plain coroutines over a call's verbs. Each reads like its part of the spec.

switchboard     brings a call to where routing decided
person          rings a user and does what the user wants when nobody answers
payment         why a call has no meter
gateway         the public network: SBC after SBC, paid from the credits where it costs
auto_attendant  greeting, menu, extension dialling
call_queue      waiting callers and ringing agents; a package, see there
voicemail       greeting, beep, message
transfer        what happens after a blind transfer
"""
