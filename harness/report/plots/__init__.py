"""Plots as SVG that stands in a page: drawn by matplotlib, coloured by the page's style sheet, the same twice."""
