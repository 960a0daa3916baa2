"""Tests, a package so that other packages called `tests` cannot hide it."""
