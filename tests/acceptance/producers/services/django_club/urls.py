from django.urls import path
from views import job, members

urlpatterns = [path("members", members), path("jobs/<str:job_id>", job)]
