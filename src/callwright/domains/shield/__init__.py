"""The shield: who is kept out for failing too often, and who never is."""
