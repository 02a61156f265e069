"""The Celery side: an app, thin tasks, and a worker with beat that can run inside the API process."""
