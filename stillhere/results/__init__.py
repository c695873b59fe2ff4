"""Whether it helped: still here and net revenue of those contacted against those left alone, and how sure that is.

Pure: assignments with outcomes go in, one row a campaign, arm and day comes out. Nothing here reads a clock, a file or
a database, or needs a heavy engine.
"""
