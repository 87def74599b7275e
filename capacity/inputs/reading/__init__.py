"""From YAML with places to checked records: references, overrides, defaults, problems, schemas."""
