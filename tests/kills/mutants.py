"""What the harness must catch."""

MUTANTS = {}
