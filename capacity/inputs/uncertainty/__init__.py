"""What is assumed and between what and what: ranges beside numbers, and factors on many numbers at once."""
