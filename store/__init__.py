"""The disk, and the thinking that more than one package needs.

The law of the house: ``crawler`` touches the network, ``store`` touches the
disk, ``dashboard`` touches people. What has no input or output of its own
(comparing, judging, ranking) lives here because all of them may import it.
"""
