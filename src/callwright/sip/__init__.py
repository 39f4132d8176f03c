"""SIP without input and output: bytes and time go in, bytes and events come out (ADR 0001).

Text to values: ``syntax``, ``header_names``, ``uri`` (Uri, NameAddr), ``via``, ``message``
(Request, Response, encode), ``parser`` (one message), ``framing`` (a TCP stream), ``sdp`` (offers
and answers).
Who may: ``digest`` (challenges and proofs), ``registrar`` (where a user's phones are).
Machines: ``flow`` (who talks to whom over what), ``transaction``, ``dialog``, ``session``,
``subscription``, and ``events`` (what subscriptions tell of). The face of the room for the shell
above is ``endpoint``.
"""
