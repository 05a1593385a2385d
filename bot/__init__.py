"""A campaign's voice and ear: publishes a YAML queue, each post exactly once."""
