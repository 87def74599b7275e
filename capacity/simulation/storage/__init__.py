"""The storage account of a simulated site: tiers, what lies on them, what full tiers do."""
