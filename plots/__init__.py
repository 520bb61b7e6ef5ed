"""How it is shown: figures, tables, report. Imports ``results`` alone."""
