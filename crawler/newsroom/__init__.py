"""The newsroom: a small news site of two invented outlets whose pages change on cue.

Everything in it is made up. It is what a newcomer watches in the first minutes, without network,
and what the end-to-end tests drive the whole product against.
"""
