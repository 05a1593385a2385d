"""Trains the classifier on our own sentences."""
