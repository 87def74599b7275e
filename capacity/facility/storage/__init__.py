"""Formulas of storage: from raw capacity to what may be filled, and how likely data are lost."""
