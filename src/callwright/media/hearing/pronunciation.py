"""How words sound that no dictionary has, names above all: espeak-ng's phonemes (IPA) in the 39 of
the acoustic model (ARPAbet)."""

ARPABET = {
    "ɑː": "AA", "ɑ": "AA", "ɑːɹ": "AA R", "a": "AA", "aː": "AA", "æ": "AE", "ʌ": "AH", "ə": "AH",
    "ɐ": "AH", "əl": "AH L", "ɔː": "AO", "ɔ": "AO", "ɔːɹ": "AO R", "oːɹ": "AO R", "ɒ": "AA",
    "aʊ": "AW", "aɪ": "AY", "aɪɚ": "AY ER", "aɪə": "AY AH", "b": "B", "tʃ": "CH", "d": "D",
    "ð": "DH", "ɛ": "EH", "e": "EH", "ɛɹ": "EH R", "ɜː": "ER", "ɚ": "ER", "ɜ": "ER", "eɪ": "EY",
    "f": "F", "ɡ": "G", "g": "G", "h": "HH", "x": "K", "ɪ": "IH", "ᵻ": "IH", "i": "IY",
    "iː": "IY", "iə": "IY AH", "ɪɹ": "IH R", "dʒ": "JH", "k": "K", "l": "L", "ɫ": "L", "m": "M",
    "n": "N", "n̩": "AH N", "ŋ": "NG", "ɲ": "N Y", "oʊ": "OW", "o": "OW", "oː": "OW",
    "ɔɪ": "OY", "p": "P", "ɹ": "R", "r": "R", "s": "S", "ʃ": "SH", "t": "T", "ɾ": "D",
    "ʔ": "T", "θ": "TH", "ʊ": "UH", "ʊɹ": "UH R", "u": "UW", "uː": "UW", "v": "V", "w": "W",
    "j": "Y", "z": "Z", "ʒ": "ZH", "y": "UW", "ø": "ER", "œ": "ER",
}  # fmt: skip
STRESS = str.maketrans("", "", "ˈˌ-")


def arpabet(phonemes: str) -> str | None:
    """``k_ˌoʊ_v_ə_l_ˈɛ_ŋ_k_oʊ`` (IPA, an underscore between sounds) -> ``K OW V AH L ...``.

    None when nothing of it is known.
    """
    sounds = [sound for sound in phonemes.translate(STRESS).split("_") if sound]
    known = [ARPABET.get(sound) or ARPABET.get(sound.rstrip("ː")) for sound in sounds]
    return " ".join(sound for sound in known if sound) or None
