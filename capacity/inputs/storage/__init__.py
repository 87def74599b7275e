"""Storage as a person writes it: tiers, the rules that make room, how long data live."""
