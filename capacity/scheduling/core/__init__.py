"""The compiled cores: job events over arrays, one package per family of rules, nothing allocated inside."""
