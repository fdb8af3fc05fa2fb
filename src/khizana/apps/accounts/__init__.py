"""Who may sign in: staff accounts."""
