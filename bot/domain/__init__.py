"""What is true: no clock, no network, no files. Time and tables are passed in."""
