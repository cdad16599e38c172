"""The pages, one module each; every module has one ``page()``."""
