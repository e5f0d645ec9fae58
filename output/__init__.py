"""Storage: records, archive, ledger, dataset and releases. Internal; the public API is `tamis`."""
