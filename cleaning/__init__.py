"""Cleaning: a page's bytes in, documents and receipts out. Internal; the public API is `tamis`."""
