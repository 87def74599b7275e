"""Forecasts from the first part of a log, held against the rest."""
