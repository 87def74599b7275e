"""The ground of every record: fields that read units, sources of numbers, complaints."""
