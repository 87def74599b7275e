"""What commands print: sentences and tables made of findings."""
