"""Sums over what calls met, and over their records, made by the database along its indexes."""
