"""Commands and schedules, composed of crawling, cleaning and storage. Internal; the public API is `tamis`."""
