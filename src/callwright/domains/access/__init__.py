"""Who may do what: permissions, roles, passwords, codes, lock-out; models and pure rules."""
