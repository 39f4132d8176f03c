"""Words that callers say instead of a phrase of the menu: what a phrase has to beat.

Common English words, spread over its sounds and lengths; who says one of them, or what sounds more
like it than like any phrase, is asked again.
"""

_WORDS = (
    "about after again all and another any around away because before better between both came "
    "can city come country day different does early enough even every example family far few "
    "find first food for found friend from girl give good great group had have head hello her "
    "high him home house how idea important into just keep know large last learn letter life "
    "like line little long look many maybe mean mile money more morning mother mountain music "
    "must name near need never new next night nothing off often old only other our out over "
    "page paper people picture please point pretty problem put quick quite really right river "
    "room same saw say school second see she should side small something sorry sound spell "
    "start still stop story study table take talk tell thank that the their them there these "
    "they thing think this those thought through time today together tomorrow too tree try "
    "under until use very walk want was watch water way weather week well were what when where "
    "which while who why will window with woman word work world would write year you young um uh"
)
DECOYS = tuple(_WORDS.split())
