"""What the bot does, one verb a file. Flows know ports and the domain, nothing else."""
