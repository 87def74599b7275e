"""Pure formulas on SI floats and arrays: compute, storage, power and cost."""
