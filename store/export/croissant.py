"""Croissant 1.1: a folder of CSV files, described for the hubs of machine learning.

https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from store.export.dictionary import TABLES
from store.export.tables import Column, Table

_CONTEXT = {
    # As the specification prescribes it.
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES = {
    "string": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "datetime": "sc:DateTime",
    "array": "sc:Text",  # JSON in one cell
}


def described(
    title: str,
    licence: str,
    made: str,
    hosts: Sequence[str],
    *,
    files: Mapping[str, Path],
    sums: Mapping[str, str],
) -> dict[str, Any]:
    """Return the description of the tables in ``files``, each with its SHA-256 in ``sums``.

    ``made`` is the moment of the export, ``hosts`` are the sites that were observed.
    """
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": "storylapse-export",
        "description": title,
        "version": "1.0.0",
        "datePublished": made,
        "license": licence,
        "citeAs": f"{title}: observed by Storylapse, exported on {made}.",
        "isBasedOn": [f"https://{host}/" for host in hosts],
        "distribution": [_file(files[name], sums[name]) for name in files],
        "recordSet": [_records(TABLES[name], files[name]) for name in files],
    }


def _file(file: Path, digest: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.name,
        "name": file.name,
        "contentUrl": f"data/{file.name}",
        "contentSize": f"{file.stat().st_size} B",
        "encodingFormat": "text/csv",
        "sha256": digest,
    }


def _records(table: Table, file: Path) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.meaning,
        "field": [_field(table, column, file) for column in table.columns],
    }


def _field(table: Table, column: Column, file: Path) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": column.name,
        "description": column.meaning,
        "dataType": _TYPES[column.type],
        "source": {"fileObject": {"@id": file.name}, "extract": {"column": column.name}},
    }
