"""The nouns of the business, each in a room of its own; siblings do not import each other."""
