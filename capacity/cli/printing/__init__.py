"""Tables, JSON and files as commands leave them."""
