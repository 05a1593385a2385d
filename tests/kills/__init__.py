"""The kill harness: the program's flows, killed at every step, in front of the sandbox that judges them."""
