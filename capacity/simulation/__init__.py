"""The World: a simulated site on a SimPy calendar, joined to the batch system."""
