"""Addresses of the desk: what belongs to no single app."""

from django.urls import path

from lineshaft.apps.desk import views

app_name = "desk"

urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("find-help/", views.find_help, name="find_help"),
    path("search/", views.search, name="search"),
    path("desk/", views.show_desk, name="show_desk"),
    path("audit/", views.list_audit_events, name="list_audit_events"),
    path("audit/<int:pk>/", views.show_audit_event, name="show_audit_event"),
]
