"""The database backend of the cluster: django-tenants, with callbacks that remember their site."""
