"""The machine that all cores share: nodes, free slots, the calendar of ends, and their arrays' names."""
