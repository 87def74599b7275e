"""Figures that commands draw into files of their own."""
