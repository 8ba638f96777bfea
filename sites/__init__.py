"""The apps of a subsite. They import only `common`, `columns` and the control plane, never one another."""
