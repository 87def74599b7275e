"""Storage bandwidth that jobs compete for: what is wanted, and how long jobs wait for it."""
