import os

SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
USE_TZ = True
MIDDLEWARE = ["leeward_errors.LeewardErrors"]

LEEWARD_URL = os.environ.get("LEEWARD_URL", "redis://127.0.0.1:6379/0")
