"""Audio: the engine's contract, its native implementation, prompts and speech."""
