import os

import django

# With pytest-django installed, this file is not needed.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
django.setup()
