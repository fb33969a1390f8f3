"""The site with two addresses more that fail as code fails: with words of the inside in the exception."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from marketplace.urls import handler400, handler500
from marketplace.urls import urlpatterns as of_the_site

__all__ = ["handler400", "handler500", "urlpatterns"]


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("duplicate key (email)=(canary-bob@example.com) in /srv/secret.py")


urlpatterns = [path("broken/", broken), path("api/v1/broken/", broken), *of_the_site]
