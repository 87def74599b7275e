"""How large must the site be? Axes to vary, judging a candidate, searching, and the answer."""
