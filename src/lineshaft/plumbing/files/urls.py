"""Addresses of stored files."""

from django.urls import path

from lineshaft.plumbing.files import views

app_name = "files"
urlpatterns = [path("files/<uuid:pk>/<str:name>", views.download_file, name="download_file")]
