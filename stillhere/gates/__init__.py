"""The three hand-overs on the night's side: what the checking process is asked, and what it is to hold data against."""
