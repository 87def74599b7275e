"""Public traces of GPU clusters: Philly, Helios, Acme, Alibaba PAI and openb."""
