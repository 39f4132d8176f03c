"""The virtual world, for our tests and for yours.

``world.play(scene)`` runs a whole phone system in virtual time: phones (`phones`), carriers
(`carriers`), a network that loses and translates (`network`, `nat`, `streams`), an engine that
knows who hears whom (`media`), and stores in memory (`stores`). ``ladder.assert_ladder`` compares
what went over the wire. The seed decides everything that could be otherwise.
"""
