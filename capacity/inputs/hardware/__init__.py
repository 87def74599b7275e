"""Hardware as a person writes it: parts, pools, and how work runs on them."""
