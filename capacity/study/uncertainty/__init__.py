"""Many worlds of one scenario: what is drawn, what each becomes, and what follows for the answer."""
