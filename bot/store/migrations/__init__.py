"""How the schema came to be what it is: one revision after another, run when a store is opened."""
