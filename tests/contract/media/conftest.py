"""One suite for every media engine.

``test_behaviour_*`` asks what parties notice and runs on each stage of `STAGES`. ``test_wire_*``
and ``test_native_*`` are about packets and threads, which only the native engine has.
"""

import wave
from collections.abc import Callable

import numpy as np
import pytest
from tests.contract.media.native_stage import NativeStage
from tests.contract.media.simulated_stage import SimulatedStage
from tests.contract.media.stage import Stage
from tests.contract.media.voices import RATE, Samples

STAGES: dict[str, Callable[[], Stage]] = {"native": NativeStage, "simulated": SimulatedStage}


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> Stage:
    """Each implementation in turn."""
    return STAGES[request.param]()


@pytest.fixture
def native() -> NativeStage:
    return NativeStage()


@pytest.fixture
def read_wav() -> Callable[[str], Samples]:
    def read(path: str) -> Samples:
        with wave.open(path, "rb") as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
            return np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)

    return read


@pytest.fixture
def read_channels() -> Callable[[str], list[Samples]]:
    def read(path: str) -> list[Samples]:
        with wave.open(path, "rb") as file:
            assert (file.getsampwidth(), file.getframerate()) == (2, RATE)
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
            return list(samples.reshape(-1, file.getnchannels()).T)

    return read
