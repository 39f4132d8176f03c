"""One suite for every media engine.

``test_behaviour_*`` asks what parties notice and runs on each stage of `STAGES`. ``test_wire_*``
are about packets, which the native engine and its core have, ``test_native_*`` about threads and
sockets.
"""

import wave
from collections.abc import Callable

import numpy as np
import pytest
from tests.contract.media.core_stage import CoreStage
from tests.contract.media.native_stage import NativeStage
from tests.contract.media.rtp_stage import Wire
from tests.contract.media.simulated_stage import SimulatedStage
from tests.contract.media.stage import Stage
from tests.contract.media.voices import RATE, Samples

STAGES: dict[str, Callable[[], Stage]] = {
    "native": NativeStage,
    "core": CoreStage,
    "simulated": SimulatedStage,
}


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> Stage:
    """Each implementation in turn."""
    return STAGES[request.param]()


@pytest.fixture(params=[NativeStage, CoreStage])
def wire(request: pytest.FixtureRequest) -> Wire:
    """Each stage whose parties see packets."""
    stage: Wire = request.param()
    return stage


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
