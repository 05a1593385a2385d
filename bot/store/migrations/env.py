"""What Alembic runs: the revisions that a store lacks, in the transaction it was handed."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
