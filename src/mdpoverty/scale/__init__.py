"""Tables of any size: read in blocks of households with their members, each block by the same rules, tallies added up.

Nothing here knows a rule. Reading is pyarrow's or the caller's own engine's, sorting DuckDB's, running on many machines
Dask's and Spark's; what is left is to cut streams between two households, and to add up.
"""

from __future__ import annotations

from mdpoverty.scale.scans import BLOCK, Frames, Pairs, Scan, scan
from mdpoverty.scale.stream import Classified

__all__ = ["BLOCK", "Classified", "Frames", "Pairs", "Scan", "scan"]
