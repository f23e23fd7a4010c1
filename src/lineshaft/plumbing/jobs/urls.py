"""Addresses of jobs."""

from django.urls import path

from lineshaft.plumbing.jobs import views

app_name = "jobs"
urlpatterns = [
    path("jobs/", views.list_jobs, name="list_jobs"),
    path("jobs/<uuid:pk>/", views.show_job, name="show_job"),
    path("jobs/<uuid:pk>/stop/", views.stop_job, name="stop_job"),
    path("jobs/<uuid:pk>/retry/", views.retry_job, name="retry_job"),
]
