"""Addresses of imports."""

from django.urls import path

from lineshaft.plumbing.exchange import views

app_name = "exchange"
urlpatterns = [
    path("imports/", views.list_imports, name="list_imports"),
    path("imports/new/<str:kind>/", views.start_import, name="start_import"),
    path("imports/new/<str:kind>/template.csv", views.download_template, name="download_template"),
    path("imports/<uuid:pk>/", views.show_import, name="show_import"),
    path("imports/<uuid:pk>/confirm/", views.confirm_import, name="confirm_import"),
]
