"""What a person writes: strict, frozen records for hardware, sites, policies, demand and scenarios."""
