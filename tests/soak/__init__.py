"""The long run: every kill, thousands of random ones, and two hundred years."""
