"""A report as a page: what it is made of, how it is written as HTML, Markdown and CSV."""
