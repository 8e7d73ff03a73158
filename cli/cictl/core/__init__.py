"""Pure decisions on frozen data: no I/O, no clock, no logging, no YAML."""
