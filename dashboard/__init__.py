"""People: the command line, the server, the pages and the feeds."""
