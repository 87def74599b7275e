"""The batch system of a site with all its rules: its arrays, and the commands to the site core."""
