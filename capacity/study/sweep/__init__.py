"""One scenario under many values: its cases, what is kept of their runs, shards, and what all will take."""
