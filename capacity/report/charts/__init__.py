"""Inline SVG charts for the one-file HTML report and for files of their own, written as text.

Why not matplotlib, which draws the figures of the other reports: here the colours must follow CSS variables
(light, dark and print from one file), the words must be real text set in the reader's own fonts (Korean has
no glyphs in matplotlib's default font), titles and descriptions must reach a screen reader, and a report with
thirty charts must stay small enough to mail.

Every function is pure: the same arguments give the same text. The charts have no words of their own; every
label and every way to write a number is passed in, and every text is escaped. The page needs ``style()``
once.
"""

from capacity.report.charts.bars import BarSeries, grouped_bars
from capacity.report.charts.heatmap import ColumnGroup, heatmap
from capacity.report.charts.intervals import IntervalRow, Mark, forest_plot
from capacity.report.charts.lines import Curve, ReferenceLine, VerticalMarker, line_chart
from capacity.report.charts.multiples import Panel, PanelValue, small_multiples
from capacity.report.charts.scatter import ScatterPoint, scatter_chart
from capacity.report.charts.shares import ShareRow, stacked_bars
from capacity.report.charts.standalone import standalone
from capacity.report.charts.style import style
from capacity.report.charts.tornado import TornadoRow, tornado

__all__ = [
    "BarSeries",
    "ColumnGroup",
    "Curve",
    "IntervalRow",
    "Mark",
    "Panel",
    "PanelValue",
    "ReferenceLine",
    "ScatterPoint",
    "ShareRow",
    "TornadoRow",
    "VerticalMarker",
    "forest_plot",
    "grouped_bars",
    "heatmap",
    "line_chart",
    "scatter_chart",
    "small_multiples",
    "stacked_bars",
    "standalone",
    "style",
    "tornado",
]
