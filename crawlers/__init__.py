"""Crawling: declared sources in, archived pages out. Internal; the public API is `tamis`."""
