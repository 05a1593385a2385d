"""The queue on disk: what organisers write, read into posts."""
