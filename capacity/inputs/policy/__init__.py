"""The rules of the batch system as a person writes them."""
