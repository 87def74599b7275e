"""What is uncertain, what many worlds say, and what moves the answers, as the terminal shows it."""
