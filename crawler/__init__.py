"""The network: finding articles, fetching them again, reading pages, sending alerts."""
