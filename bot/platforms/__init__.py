"""The platforms: one adapter each, and what the wire proved about their requests."""
