"""History from archives: Memento archives over the network, WARC and WACZ from the disk."""
