"""Statistics on arrays: intervals, quantiles, sequential looks, steady state."""
