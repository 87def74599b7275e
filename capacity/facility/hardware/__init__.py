"""Formulas of hardware: how fast it computes, how work scales, how run times change with it."""
