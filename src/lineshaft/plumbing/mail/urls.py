"""Addresses of the outbox."""

from django.urls import path

from lineshaft.plumbing.mail import views

app_name = "mail"
urlpatterns = [
    path("outbox/", views.list_messages, name="list_messages"),
    path("outbox/<uuid:pk>/", views.show_message, name="show_message"),
    path("outbox/<uuid:pk>/retry/", views.retry_message, name="retry_message"),
]
