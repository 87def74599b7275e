"""A demand or a log looked at: described, held against published figures, fitted, written as YAML."""
