"""Small web sites on loopback, every word of them invented, for the demo and the end-to-end tests.

They are built like sites that Tamis was made for, with all the furniture of these, and they know the truth
about themselves: which documents they hold, which lines must go, what must become of every other page.

    with serve(["blog"]) as (blog,):
        source = blog.source_path(folder)
"""

from flows.replicas.serving import Replica, Request, serve
from flows.replicas.site import Answer, Expected, Site

__all__ = ["Answer", "Expected", "Replica", "Request", "Site", "serve"]
