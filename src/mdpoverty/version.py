"""The library's version, which receipts and files name."""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
