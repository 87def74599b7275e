"""Which assumption moves an answer, and by how much of its variance; a file per way to find out."""
