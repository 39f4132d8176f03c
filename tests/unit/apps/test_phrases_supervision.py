"""What supervisors and agents are told, by language."""

import pytest

from callwright.apps.phrases_supervision import refused, supervisor_joins, told_mode
from callwright.kernel.prompt import Say
from callwright.kernel.supervision import SupervisionMode


@pytest.mark.parametrize(
    ("language", "word"),
    [
        ("en-GB", "joined"),
        ("de-AT", "hört"),
        ("fr-CA", "superviseur"),
        ("es-MX", "unido"),
        ("it-IT", "partecipa"),
    ],
)
def test_an_agent_is_told_of_a_supervisor_in_the_organisations_language(
    language: str, word: str
) -> None:
    told = supervisor_joins(language)
    assert isinstance(told, Say)
    assert (told.language, word in told.text) == (language, True)


def test_each_mode_sounds_different_in_each_language() -> None:
    modes = (SupervisionMode.MONITOR, SupervisionMode.WHISPER, SupervisionMode.BARGE)
    for language in ("en-US", "de-DE", "fr-FR", "es-ES", "it-IT"):
        assert len({refused(language), *(told_mode(mode, language) for mode in modes)}) == 4


def test_english_words_are_read_by_an_english_voice() -> None:
    assert supervisor_joins("pl-PL") == Say("A supervisor has joined.", "en-US")
