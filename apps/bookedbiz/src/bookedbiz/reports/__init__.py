"""Reports: one query layer over the view `revenue`, pure shaping above it, and exports of exactly what is shown."""
