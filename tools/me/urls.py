from django.urls import path

from tools.me import access_views, views

app_name = "me"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("connect/", views.connect, name="connect"),
    path("tools/", views.my_tools, name="tools"),
    path("tools/<str:client_name>/", views.my_tool, name="tool"),
    path("connections/", views.my_connections, name="connections"),
    path("connections/<str:client_id>/close/", views.close_connection, name="close"),
    path("access/", access_views.my_access, name="access"),
    path("access/<int:profile_id>/", access_views.ask, name="ask"),
    path("access/requests/<int:request_id>/withdraw/", access_views.withdraw, name="withdraw"),
    path("calls/", views.my_calls, name="calls"),
    path("calls/<str:call_id>/", views.my_call, name="call"),
    path("password/", views.password, name="password"),
]
