"""The control plane: tables in the public schema; knows no app of sites/ or search/."""
