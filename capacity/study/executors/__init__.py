"""Where tasks are carried out: an interface, and one way to do it per file."""
