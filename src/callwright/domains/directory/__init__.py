"""People: users, groups, mailboxes and how each user wants to be answered."""
