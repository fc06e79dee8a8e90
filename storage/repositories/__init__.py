"""Repositories: one per subject, each over a session that its caller opened and will commit."""
