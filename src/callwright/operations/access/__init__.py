"""Acts about access: accounts, sign-in, tokens. Each is given the store, the time and randomness.

Acts raise AccessRefused for what a person can put right.
"""
