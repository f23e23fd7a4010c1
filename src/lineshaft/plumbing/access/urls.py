"""Addresses of the access pages."""

from django.urls import path

from lineshaft.plumbing.access import views

app_name = "access"

urlpatterns = [
    path("access/tokens/", views.list_tokens, name="list_tokens"),
    path("access/tokens/create/", views.create_token, name="create_token"),
    path("access/tokens/<int:pk>/revoke/", views.revoke_token, name="revoke_token"),
    path("access/users/", views.list_users, name="list_users"),
    path("access/users/register/", views.register_user, name="register_user"),
    path("access/users/<int:pk>/", views.show_user, name="show_user"),
    path("access/users/<int:pk>/grant/", views.grant_role, name="grant_role"),
    path("access/users/<int:pk>/invite/", views.invite_user, name="invite_user"),
    path("access/grants/<int:pk>/confirm/", views.confirm_role, name="confirm_role"),
    path("access/grants/<int:pk>/revoke/", views.revoke_role, name="revoke_role"),
]
