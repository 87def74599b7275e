"""What is measured of storage: levels and flows, and what each rule saved."""
