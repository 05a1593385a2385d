"""The strict YAML reader, and the table of fields that says what a file may hold."""
