"""Addresses of the face's own switches."""

from django.urls import path

from lineshaft.web import views

app_name = "web"

urlpatterns = [
    path("theme/", views.set_theme, name="set_theme"),
]
