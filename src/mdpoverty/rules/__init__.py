"""Rules as values: small frozen trees, and text that becomes one."""
