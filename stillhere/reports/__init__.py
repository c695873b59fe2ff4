"""What a night tells people: the report page, and the screen that ends `nightly`."""
