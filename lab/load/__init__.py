"""Open-loop traffic: requests arrive when they would, not when the last answer is in.

It refuses to be a weapon: only loopback and the lab's addresses are targets, unless asked otherwise, and every run has
an end by time and by count.
"""

from lab.load.process import Load
from lab.load.record import Record
from lab.load.summary import Summary, between, summarize, windows
from lab.load.target import Target, TargetRefused

__all__ = ["Load", "Record", "Summary", "Target", "TargetRefused", "between", "summarize", "windows"]
