"""One run counted: every metric of a simulation, its definition, and the findings made of it."""
