"""Units: what people write becomes SI numbers, and SI numbers become what people read."""
