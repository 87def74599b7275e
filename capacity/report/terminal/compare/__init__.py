"""The same demand on several sites, side by side, as the terminal shows it."""
