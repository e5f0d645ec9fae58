"""Replica sites: small invented web sites on loopback, for the demo and the end-to-end tests.

They are built like the sites that Tamis was made for, with all their furniture. Each knows its own truth: the
documents that it holds, the lines that must be removed, and the outcome of every other page.

    with serve(["blog"]) as (blog,):
        source = blog.source_path(folder)
"""

from flows.replicas.serving import Replica, Request, serve
from flows.replicas.site import Answer, Expected, Site

__all__ = ["Answer", "Expected", "Replica", "Request", "Site", "serve"]
